package import ClusterModel
import HostIO
package import Ports
import Synchronization

extension QEMUDriver: ConsoleDriver {
    package func logs(
        of instance: InstanceID, tail: Int?, follow: Bool,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let directory = directory(of: instance)
        guard try VMRecord.read(from: directory) != nil else { throw Self.unknown(instance) }
        try await VMLog(directory).send(
            tail: tail, continuing: { follow && handle(of: directory) != nil }, into: sink)
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
        guard consoles.open(instance) else {
            throw DriverFailure(.refused, "the console of \(instance) is in use")
        }
        defer { consoles.close(instance) }
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
    private let instances = Mutex<Set<InstanceID>>([])

    /// False when somebody else has it.
    func open(_ instance: InstanceID) -> Bool {
        instances.withLock { $0.insert(instance).inserted }
    }

    func close(_ instance: InstanceID) { instances.withLock { _ = $0.remove(instance) } }
}
