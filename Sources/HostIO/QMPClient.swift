/// Speaks QMP with one QEMU over a Unix socket, one session at a time.
///
/// QEMU serves one client at once; a second one waits in line until the first has left. Sessions
/// are therefore short, and nothing about a QEMU is remembered between them.
/// - Source: QEMU, docs/interop/qmp-spec.
package struct QMPClient: Sendable {
    package let socket: String

    package init(socket: String) { self.socket = socket }

    /// Connects, waits for the greeting and lends the session to `use`; `limit` is for the first
    /// two.
    package func session<Outcome: Sendable, Failure: Error>(
        within limit: Duration = .seconds(5), failing: @Sendable (QMPFailure) -> Failure,
        _ use: (QMPSession) async throws(Failure) -> Outcome
    ) async throws(Failure) -> Outcome {
        try await UnixStream.connected(to: socket, failing: { failing(.connection($0)) }) {
            (stream) async throws(Failure) -> Outcome in
            let session = QMPSession(writer: stream.writer)
            let result = await withTaskGroup(of: Void.self) { group -> Result<Outcome, Failure> in
                group.addTask { await session.receive(from: stream.reader()) }
                defer { group.cancelAll() }
                do throws(QMPFailure) {
                    try await session.open(within: limit)
                } catch {
                    return .failure(failing(error))
                }
                do throws(Failure) { return .success(try await use(session)) } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }
    }

    /// One command in a session of its own.
    package func execute(
        _ command: String, within limit: Duration = .seconds(5)
    ) async throws(QMPFailure) {
        try await session(within: limit, failing: { $0 }) { (session) async throws(QMPFailure) in
            try await session.execute(command, within: limit)
        }
    }
}
