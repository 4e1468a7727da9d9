import Glibc
import NIOCore
import NIOPosix

/// A child with its input and output on pipes, reaped when it has ended and killed when nobody
/// wants it any more.
///
/// Single-owner: whoever made it calls `run` once.
struct ChildProcess: ~Copyable {
    private let program: String
    private let process: pid_t
    private let handle: ProcessHandle
    /// Our ends: we write to `input`, and read `output` and `error`.
    private let input: Int32
    private let output: Int32
    private let error: Int32

    init(_ program: String, _ arguments: [String]) throws(ProcessFailure) {
        let input = try Pipe(program)
        let output = try Pipe(program)
        let error = try Pipe(program)
        var spawn = try Spawn(program)
        spawn.connect(input.reading, to: STDIN_FILENO)
        spawn.connect(output.writing, to: STDOUT_FILENO)
        spawn.connect(error.writing, to: STDERR_FILENO)
        let process = try spawn.start(program, arguments)
        guard let handle = ProcessHandle(process) else {
            // Not reaped yet, so the number is still this child's; only a kernel or a C library
            // without pidfd.
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
            throw .cannotStart(program, code: ENOSYS)
        }
        self.program = program
        self.process = process
        self.handle = handle
        self.input = input.takeWriting()
        self.output = output.takeReading()
        self.error = error.takeReading()
    }

    /// Lends the pipes to `use`, gathers what the child complains about, and waits for its end.
    consuming func run(
        errorLimit: Int, _ use: (ByteReader, ByteWriter) async throws(ProcessFailure) -> [UInt8]
    ) async throws(ProcessFailure) -> Tool.Outcome {
        let (program, process, handle) = (program, process, handle)
        let (input, output, error) = (input, output, error)
        let result = await Self.converse(program, input, output, error, errorLimit, use)
        if case .failure = result { Self.end(process, handle) }
        let status = await Self.reap(process, handle)
        let (printed, complaint) = try result.get()
        return Tool.Outcome(status: status, output: printed, error: complaint)
    }

    private static func converse(
        _ program: String, _ input: Int32, _ output: Int32, _ error: Int32, _ errorLimit: Int,
        _ use: (ByteReader, ByteWriter) async throws(ProcessFailure) -> [UInt8]
    ) async -> Result<([UInt8], [UInt8]), ProcessFailure> {
        await withTaskGroup(of: [UInt8].self) { group in
            group.addTask {
                (try? await pipes(program, reading: error, writing: nil) {
                    (reader, _) async throws(ProcessFailure) -> [UInt8] in
                    do throws(SocketFailure) {
                        return try await reader.prefix(limit: errorLimit)
                    } catch {
                        throw .broken(program, error)
                    }
                }) ?? []
            }
            do throws(ProcessFailure) {
                let printed = try await pipes(program, reading: output, writing: input, use)
                return .success((printed, await group.next() ?? []))
            } catch {
                group.cancelAll()
                return .failure(error)
            }
        }
    }

    /// Waits for the end, also in a cancelled task: an unreaped child would stay for ever.
    ///
    /// A task of its own for that reason; it ends because whoever is cancelled has killed the
    /// child.
    private static func reap(_ process: pid_t, _ handle: ProcessHandle) async -> ExitStatus {
        // One that has ended by itself leaves what it started for others to go on, such as who waits for a VM's end.
        if Task.isCancelled, handle.isRunning { end(process, handle) }
        if await !handle.ended() { end(process, handle) }
        return await Task {
            _ = await handle.ended()
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            // Source: wait(2); the macros are not seen by Swift.
            let signal = status & 0x7f
            return signal == 0
                ? ExitStatus.exited(Int((status >> 8) & 0xff)) : .killed(signal: Int(signal))
        }.value
    }

    /// Kills it with what it started: a script's commands would go on with what nobody waits for.
    ///
    /// It leads a group of its own (`Spawn`), whose number stays its until it is reaped.
    private static func end(_ process: pid_t, _ handle: ProcessHandle) {
        handle.signal(.kill)
        kill(-process, SIGKILL)
    }

    private static func pipes(
        _ program: String, reading: Int32, writing: Int32?,
        _ use: (ByteReader, ByteWriter) async throws(ProcessFailure) -> [UInt8]
    ) async throws(ProcessFailure) -> [UInt8] {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            let bootstrap = NIOPipeBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.allowRemoteHalfClosure, value: true)
            let wrap = { @Sendable (channel: any Channel) in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
            if let writing {
                channel = try await bootstrap.takingOwnershipOfDescriptors(
                    input: reading, output: writing, channelInitializer: wrap)
            } else {
                channel = try await bootstrap.takingOwnershipOfDescriptor(
                    input: reading, channelInitializer: wrap)
            }
        } catch {
            throw .broken(program, SocketFailure(error))
        }
        return try await channel.lend(failing: { ProcessFailure.broken(program, $0) }) {
            (inbound, outbound) async throws(ProcessFailure) -> [UInt8] in
            try await use(ByteReader(inbound), ByteWriter(outbound))
        }
    }
}
