package import ClusterModel
import HostIO
package import Ports

private struct PodmanExecRequest: Encodable {
    let AttachStdin = true
    let AttachStdout = true
    let AttachStderr = true
    let Tty: Bool
    let Cmd: [String]
}

private struct PodmanExecStart: Encodable {
    let Detach = false
    let Tty: Bool
}

private struct PodmanExecCreated: Decodable {
    let id: String

    enum CodingKeys: String, CodingKey { case id = "Id" }
}

private struct PodmanExecState: Decodable {
    let running: Bool
    let exitCode: Int
    let process: Int

    enum CodingKeys: String, CodingKey {
        case running = "Running"
        case exitCode = "ExitCode"
        case process = "Pid"
    }
}

extension PodmanDriver: ExecutingDriver {
    package func execute(
        _ command: [String], in instance: InstanceID, terminal: Bool, session: TerminalSession
    ) async throws(DriverFailure) -> Int {
        guard let container = try await inspect(instance) else { throw Self.unknown(instance) }
        guard container.status == .running else {
            throw DriverFailure(.refused, "\(instance) does not run")
        }
        let id = try await createExecution(of: command, in: instance, terminal: terminal)
        do throws(DriverFailure) {
            try await attach(to: id, terminal: terminal, session: session)
        } catch {
            await endExecution(id)
            throw error
        }
        return try await exitCode(ofExecution: id)
    }

    private func createExecution(
        of command: [String], in instance: InstanceID, terminal: Bool
    ) async throws(DriverFailure) -> String {
        let body = try JSON.encode(PodmanExecRequest(Tty: terminal, Cmd: command))
        let response = try await api.send(
            .post, path(instance, "exec"), body: .bytes(body, type: "application/json"))
        try response.require("run a command in \(instance)")
        return try JSON.decode(PodmanExecCreated.self, from: response.body, of: "Podman").id
    }

    /// Runs the command with its input and output on this connection, until it closes its output.
    private func attach(
        to id: String, terminal: Bool, session: TerminalSession
    ) async throws(DriverFailure) {
        let body = HTTPRequest.Body.takenOver(
            try JSON.encode(PodmanExecStart(Tty: terminal)), type: "application/json")
        try await api.exchange(.post, "/exec/\(id)/start", body: body) {
            (head, reader, writer) async throws(DriverFailure) in
            try await Self.requireStream(head, reader, doing: "run the command")
            try await Terminal.join(session, to: writer) { () async throws(DriverFailure) in
                var frames = PodmanFrames()
                while let bytes = try await Self.next(reader) {
                    let chunks = terminal ? [LogChunk(.output, bytes)] : try frames.append(bytes)
                    for chunk in chunks { try await session.output(chunk) }
                }
            }
        }
    }

    /// Podman notes the exit code a moment after the output has ended: asked for every 20 ms, for 5
    /// s at most.
    private func exitCode(ofExecution id: String) async throws(DriverFailure) -> Int {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            let state = try await executionState(id)
            if !state.running { return state.exitCode }
            guard ContinuousClock.now < deadline else {
                throw DriverFailure(.unavailable, "the command closed its output but did not end")
            }
            do { try await Task.sleep(for: .milliseconds(20)) } catch {
                throw DriverFailure(.unavailable, "the call was cancelled")
            }
        }
    }

    private func executionState(_ id: String) async throws(DriverFailure) -> PodmanExecState {
        let response = try await api.send(.get, "/exec/\(id)/json")
        try response.require("ask for the command's end")
        return try JSON.decode(PodmanExecState.self, from: response.body, of: "Podman")
    }

    /// Ends a command whose caller has gone, because Podman would let it run on.
    ///
    /// A task of its own, awaited here: the caller's is often cancelled, and its calls would fail
    /// at once.
    private func endExecution(_ id: String) async {
        await Task { [self] in
            guard let state = try? await executionState(id), state.running, state.process > 0 else {
                return
            }
            ProcessHandle(Int32(clamping: state.process))?.signal(.kill)
        }.value
    }
}
