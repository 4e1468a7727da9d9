import API
import ClusterModel
import ControlCore
import RPC
import Wire

extension ClusterHandler {
    /// Sends what the instance's host has; a log that is followed goes on wherever the instance moves.
    func logs(
        _ request: LogsRequest, caller: Caller, replies: MessageSink<OutputChunk>
    ) async throws(RPCStatus) {
        var host = try await host(of: request.instance)
        var fromArrival = false
        while true {
            do throws(RPCStatus) {
                try await sendLog(request, at: host, fromArrival, replies)
            } catch {
                // A host that is lost takes its streams along, and not what has left it.
                guard request.follow, !Task.isCancelled,
                    case .moved(let next) = try await sequel(of: request.instance, at: host)
                else { throw error }
                (host, fromArrival) = (next, true)
                continue
            }
            guard request.follow,
                case .moved(let next) = try await sequel(of: request.instance, at: host)
            else { return }
            (host, fromArrival) = (next, true)
        }
    }

    private func sendLog(
        _ request: LogsRequest, at host: HostID, _ fromArrival: Bool,
        _ replies: MessageSink<OutputChunk>
    ) async throws(RPCStatus) {
        let end = try await attach(request.instance, at: host) { session in
            AttachOrder(
                session: session, kind: .logs, instance: request.instance, follow: request.follow,
                tail: request.tail, command: [], terminal: false, fromArrival: fromArrival)
        }
        defer { end.done.finish() }
        while let message = try await end.output.next() {
            switch message {
            case .session: continue
            case .output(let chunk): try await replies.send(chunk)
            case .end(let last):
                if !last.failure.isEmpty { throw RPCStatus(.unavailable, last.failure) }
                return
            }
        }
    }

    func exec(
        _ requests: MessageStream<TerminalRequest>, caller: Caller,
        replies: MessageSink<AttachOutput>
    ) async throws(RPCStatus) {
        let start = try await start(of: requests)
        guard !start.command.isEmpty else {
            throw RPCStatus(.invalidArgument, "command: names no program")
        }
        let end = try await terminal(.exec, start, at: try await host(of: start.instance))
        defer { end.done.finish() }
        try await Pump.both(
            { () async throws(RPCStatus) in
                while let request = try await requests.next() {
                    try await end.input.send(try request.input)
                }
                try await end.input.send(.closed)
            },
            until: { () async throws(RPCStatus) in
                while let message = try await end.output.next() {
                    try await replies.send(message)
                    if case .end = message { return }
                }
            })
    }

    /// Joins the instance's console; where a move takes the instance elsewhere, the one there.
    func console(
        _ requests: MessageStream<TerminalRequest>, caller: Caller,
        replies: MessageSink<AttachOutput>
    ) async throws(RPCStatus) {
        let start = try await start(of: requests)
        let host = try await host(of: start.instance)
        // What is typed goes to the last of these; one at a time is there.
        let (ends, entrance) = AsyncStream.makeStream(
            of: SessionBroker.AgentEnd.self, bufferingPolicy: .bufferingNewest(1))
        try await Pump.both(
            { () async throws(RPCStatus) in try await type(requests, to: ends) },
            until: { () async throws(RPCStatus) in
                defer { entrance.finish() }
                try await showConsole(start, at: host, replies) { entrance.yield($0) }
            })
    }

    private func showConsole(
        _ start: TerminalStart, at first: HostID, _ replies: MessageSink<AttachOutput>,
        _ connected: (SessionBroker.AgentEnd) -> Void
    ) async throws(RPCStatus) {
        var host = first
        while true {
            let end = try await terminal(.console, start, at: host)
            defer { end.done.finish() }
            connected(end)
            var last: AttachEnd?
            while last == nil, let message = try await end.output.next() {
                if case .end(let how) = message {
                    last = how
                } else {
                    try await replies.send(message)
                }
            }
            // What is typed from now on waits for the next.
            end.done.finish()
            switch try await sequel(of: start.instance, at: host) {
            case .stayed: continue
            case .moved(let next):
                let words = "\r\n\(start.instance) moved from \(host) to \(next)\r\n"
                try await replies.send(
                    .output(OutputChunk(errorStream: true, bytes: Array(words.utf8))))
                host = next
            case .over:
                if let last { try await replies.send(.end(last)) }
                return
            }
        }
    }

    /// Sends what comes to the newest of `ends`; what one of them did not take any more, to the next.
    private func type(
        _ requests: MessageStream<TerminalRequest>, to ends: AsyncStream<SessionBroker.AgentEnd>
    ) async throws(RPCStatus) {
        var next: AttachInput?
        for await end in ends {
            while true {
                let input: AttachInput
                if let next {
                    input = next
                } else if let request = try await requests.next() {
                    input = try request.input
                } else {
                    // The end of what is typed is not the end of what is shown.
                    try? await end.input.send(.closed)
                    return
                }
                next = input
                do throws(RPCStatus) { try await end.input.send(input) } catch { break }
                next = nil
            }
        }
    }

    private func start(
        of requests: MessageStream<TerminalRequest>
    ) async throws(RPCStatus) -> TerminalStart {
        guard case .start(let start)? = try await requests.next() else {
            throw RPCStatus(.invalidArgument, "start: has to come first")
        }
        return start
    }

    private func terminal(
        _ kind: AttachKind, _ start: TerminalStart, at host: HostID
    ) async throws(RPCStatus) -> SessionBroker.AgentEnd {
        try await attach(start.instance, at: host) { session in
            AttachOrder(
                session: session, kind: kind, instance: start.instance, follow: true, tail: nil,
                command: start.command, terminal: start.terminal)
        }
    }

    private func host(of instance: InstanceID) async throws(RPCStatus) -> HostID {
        let place = try await shell.read { engine in
            engine.state.instances[instance].map { $0.value.host }
        }
        guard let place else { throw RPCStatus(.notFound, "there is no instance \(instance)") }
        guard let host = place else {
            throw RPCStatus(
                .failedPrecondition,
                "\(instance) has no host yet; huddle explain \(instance) says why")
        }
        return host
    }

    /// Asks the instance's host for a stream and waits for it.
    private func attach(
        _ instance: InstanceID, at host: HostID, order: @Sendable (String) -> AttachOrder
    ) async throws(RPCStatus) -> SessionBroker.AgentEnd {
        let session =
            String(UInt64.random(in: .min ... .max), radix: 16)
            + String(UInt64.random(in: .min ... .max), radix: 16)
        let arrivals = await broker.expect(session)
        guard await shell.send(.attach(order(session)), to: host) else {
            await broker.forget(session)
            throw RPCStatus(
                .unavailable, "host \(host), where \(instance) is, is not connected")
        }
        return try await broker.agentEnd(of: session, arrivals)
    }
}

extension TerminalRequest {
    /// What the agent gets of it; only the first of a stream says what is to be joined.
    fileprivate var input: AttachInput {
        get throws(RPCStatus) {
            switch self {
            case .start: throw RPCStatus(.invalidArgument, "start: came twice")
            case .bytes(let bytes): .bytes(bytes)
            case .closed: .closed
            }
        }
    }
}
