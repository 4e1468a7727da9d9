/// A short command of this host, run to its end.
package enum Tool {
    /// How it ended and what it printed.
    package struct Outcome: Hashable, Sendable {
        package let status: ExitStatus
        package let output: [UInt8]
        package let error: [UInt8]

        package var text: String { String(decoding: output, as: UTF8.self) }

        /// What it said went wrong, without the line's end.
        package var complaint: String {
            let text = String(decoding: error, as: UTF8.self)
            return String(text.reversed().drop { $0.isWhitespace }.reversed())
        }
    }

    /// Runs the program at the absolute path `program`; on a deadline or a cancellation it is
    /// killed.
    ///
    /// The child sees no descriptor but its three, and of this process's environment only `PATH`
    /// and a plain locale, so that what it prints can be read.
    package static func run(
        _ program: String, _ arguments: [String], input: [UInt8] = [],
        within limit: Duration = .seconds(30), outputLimit: Int = HostIOLimits.toolOutput
    ) async throws(ProcessFailure) -> Outcome {
        try await withDeadline(limit, late: ProcessFailure.timedOut(program, limit)) {
            () async throws(ProcessFailure) -> Outcome in
            try await streaming(program, arguments, outputLimit: outputLimit) {
                (reader, writer) async throws(ProcessFailure) -> [UInt8] in
                try await exchange(program, input, reader, writer, limit: outputLimit)
            }
        }
    }

    /// Runs the program with both its directions lent to `use`; it is killed unless it ends by
    /// itself after that.
    package static func streaming(
        _ program: String, _ arguments: [String], outputLimit: Int = HostIOLimits.toolOutput,
        _ use: (ByteReader, ByteWriter) async throws(ProcessFailure) -> [UInt8]
    ) async throws(ProcessFailure) -> Outcome {
        let child = try ChildProcess(program, arguments)
        return try await child.run(errorLimit: outputLimit, use)
    }

    /// Writes and reads at the same time: a child that waits for one must not block the other.
    private static func exchange(
        _ program: String, _ input: [UInt8], _ reader: ByteReader, _ writer: ByteWriter, limit: Int
    ) async throws(ProcessFailure) -> [UInt8] {
        let result = await withTaskGroup(of: Void.self) { group -> Result<[UInt8], SocketFailure> in
            group.addTask {
                // A child that closes its input early has what it needs.
                if !input.isEmpty { try? await writer.write(input) }
                writer.finish()
            }
            do throws(SocketFailure) {
                return .success(try await reader.prefix(limit: limit))
            } catch {
                group.cancelAll()
                return .failure(error)
            }
        }
        do throws(SocketFailure) { return try result.get() } catch { throw .broken(program, error) }
    }
}

/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
    case exited(Int)
    case killed(signal: Int)

    package var isSuccess: Bool { self == .exited(0) }

    /// As a shell tells it: a signal counts from 128.
    package var code: Int {
        switch self {
        case .exited(let code): code
        case .killed(let signal): 128 + signal
        }
    }
}

/// Why a process could not be run to its end.
package enum ProcessFailure: Error, Hashable, Sendable {
    /// The program is missing or may not be run; carries the kernel's error number.
    case cannotStart(String, code: Int32)
    case timedOut(String, Duration)
    /// Its pipes broke, or the task was cancelled.
    case broken(String, SocketFailure)
}

extension ProcessFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotStart(let program, let code):
            FileFailure("run", program, code: code).description
        case .timedOut(let program, let limit): "\(program) did not end within \(limit)"
        case .broken(let program, let failure): "\(program): \(failure)"
        }
    }
}
