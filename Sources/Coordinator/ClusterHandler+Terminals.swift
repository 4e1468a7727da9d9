import API
import ClusterModel
import ControlCore
import RPC
import Wire

extension ClusterHandler {
    func logs(
        _ request: LogsRequest, caller: Caller, replies: MessageSink<OutputChunk>
    ) async throws(RPCStatus) {
        let end = try await attach(request.instance) { session in
            AttachOrder(
                session: session, kind: .logs, instance: request.instance, follow: request.follow,
                tail: request.tail, command: [], terminal: false)
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
        try await terminal(.exec, requests, replies)
    }

    func console(
        _ requests: MessageStream<TerminalRequest>, caller: Caller,
        replies: MessageSink<AttachOutput>
    ) async throws(RPCStatus) {
        try await terminal(.console, requests, replies)
    }

    private func terminal(
        _ kind: AttachKind, _ requests: MessageStream<TerminalRequest>,
        _ replies: MessageSink<AttachOutput>
    ) async throws(RPCStatus) {
        guard case .start(let start)? = try await requests.next() else {
            throw RPCStatus(.invalidArgument, "start: has to come first")
        }
        if kind == .exec, start.command.isEmpty {
            throw RPCStatus(.invalidArgument, "command: names no program")
        }
        let end = try await attach(start.instance) { session in
            AttachOrder(
                session: session, kind: kind, instance: start.instance, follow: true, tail: nil,
                command: start.command, terminal: start.terminal)
        }
        defer { end.done.finish() }
        try await Pump.both(
            { () async throws(RPCStatus) in
                while let request = try await requests.next() {
                    switch request {
                    case .start: throw RPCStatus(.invalidArgument, "start: came twice")
                    case .bytes(let bytes): try await end.input.send(.bytes(bytes))
                    case .closed: try await end.input.send(.closed)
                    }
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

    /// Asks the instance's host for a stream and waits for it.
    private func attach(
        _ instance: InstanceID, order: @Sendable (String) -> AttachOrder
    ) async throws(RPCStatus) -> SessionBroker.AgentEnd {
        let place = try await shell.read { engine in
            engine.state.instances[instance].map { $0.value.host }
        }
        guard let place else { throw RPCStatus(.notFound, "there is no instance \(instance)") }
        guard let host = place else {
            throw RPCStatus(
                .failedPrecondition,
                "\(instance) has no host yet; huddle explain \(instance) says why")
        }
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
