import HostIO
import Ports

/// Joins a terminal session with a connection.
enum Terminal {
    /// Sends what is typed to `writer` while `output` runs; ends with `output`.
    ///
    /// With `finishing`, the end of the input is passed on, which ends commands that read theirs.
    /// Input that breaks only ends the input: what the command still prints is worth having.
    static func join(
        _ session: TerminalSession, to writer: ByteWriter, finishing: Bool = true,
        _ output: () async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let result = await withTaskGroup(of: Void.self) { group -> Result<Void, DriverFailure> in
            group.addTask {
                while let bytes = try? await session.input() {
                    do { try await writer.write(bytes) } catch { return }
                }
                // A caller that has gone types nothing more, but the command is ended in another
                // way then.
                if finishing, !Task.isCancelled { writer.finish() }
            }
            defer { group.cancelAll() }
            do throws(DriverFailure) { return .success(try await output()) } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
