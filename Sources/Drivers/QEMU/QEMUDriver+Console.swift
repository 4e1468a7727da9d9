package import ClusterModel
import HostIO
package import Ports
import Synchronization

extension QEMUDriver: ConsoleDriver {
    package func logs(
        of instance: InstanceID, from start: LogStart, follow: Bool,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let directory = directory(of: instance)
        guard try VMRecord.read(from: directory) != nil else { throw Self.unknown(instance) }
        try await VMLog(directory).send(
            from: start, continuing: { follow && handle(of: directory) != nil }, into: sink)
        if Task.isCancelled { throw DriverFailure(.unavailable, "the call was cancelled") }
    }

    package func console(
        of instance: InstanceID, session: TerminalSession
    ) async throws(DriverFailure) {
        let directory = directory(of: instance)
        guard try VMRecord.read(from: directory) != nil else { throw Self.unknown(instance) }
        guard handle(of: directory) != nil else {
            throw DriverFailure(.refused, "\(instance) does not run")
        }
        // QEMU serves one listener; a second one would wait in silence.
        guard let stay = consoles.open(instance) else {
            throw DriverFailure(.refused, "the console of \(instance) is in use")
        }
        defer { consoles.close(instance) }
        let outcome = await withTaskGroup(of: Result<Void, DriverFailure>?.self) { group in
            group.addTask {
                do throws(DriverFailure) {
                    return .success(try await join(session, directory))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                for await _ in stay {}
                return nil
            }
            // Where the instance has left, the console ends as if the instance had.
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .success(())
        }
        try outcome.get()
    }

    private func join(
        _ session: TerminalSession, _ directory: VMDirectory
    ) async throws(DriverFailure) {
        try await UnixStream.connected(
            to: directory.console,
            failing: { DriverFailure(.unavailable, "the console does not answer", cause: "\($0)") }
        ) { (stream) async throws(DriverFailure) in
            try await Terminal.join(session, to: stream.writer, finishing: false) {
                () async throws(DriverFailure) in
                let reader = stream.reader()
                while true {
                    let bytes: [UInt8]?
                    do throws(SocketFailure) {
                        bytes = try await reader.next()
                    } catch {
                        // A QEMU that is killed breaks the connection: the instance ended.
                        if case .closed = error { return }
                        throw DriverFailure(.unavailable, "the console broke", cause: "\(error)")
                    }
                    guard let bytes else { return }
                    try await session.output(LogChunk(.output, bytes))
                }
            }
        }
    }
}

/// Instances whose console somebody uses.
final class OpenConsoles: Sendable {
    private let stays = Mutex<[InstanceID: AsyncStream<Never>.Continuation]>([:])

    /// Ends once the instance leaves this host; `nil` when somebody else has its console.
    func open(_ instance: InstanceID) -> AsyncStream<Never>? {
        let (stay, end) = AsyncStream.makeStream(of: Never.self, bufferingPolicy: .unbounded)
        return stays.withLock { stays in
            guard stays[instance] == nil else { return nil }
            stays[instance] = end
            return stay
        }
    }

    func close(_ instance: InstanceID) {
        stays.withLock { $0.removeValue(forKey: instance) }?.finish()
    }

    /// What is typed from now on is for the host to which the instance goes.
    func leave(_ instance: InstanceID) { stays.withLock { $0[instance] }?.finish() }
}
