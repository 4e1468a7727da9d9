import API
import ClusterModel
import ControlCore
import Identity
import RPC
import Shelf
import Wire

/// Serves agents: who they are was settled before; what they say goes to the engine.
struct AgentsHandler: JoinService, AgentsService {
    let shell: ControlShell
    let admission: Admission
    let broker: SessionBroker
    let shelf: Shelf

    // MARK: - Joining

    func join(_ request: JoinRequest, caller: Caller) async throws(RPCStatus) -> JoinReply {
        guard ProtocolVersion.isServed(request.protocol) else {
            throw RPCStatus(.failedPrecondition, ProtocolVersion.refusal(of: request.protocol))
        }
        let redeemed = try admission.redeem(request)
        try await shell.keep([redeemed.change])
        // A repeated request lost its answer; the host was admitted then, unless it was removed since.
        let isMember = try await shell.read { $0.state.hosts[request.host] != nil }
        if !redeemed.isRepeat {
            _ = try await shell.ask(.admit(request.host, labels: request.labels))
        } else if !isMember {
            throw RPCStatus(
                .unauthenticated, "the token was used for a host that was removed since")
        }
        // Whoever had this name before does not have it any more.
        let changes = admission.revoke(request.host)
        if !changes.isEmpty {
            try await shell.keep(changes)
            admission.stored(changes)
            // Only news is told: a fleet that arrives would else have each told of every other.
            await shell.tellAll { .revocations(admission.revocations) }
        }
        return try await issue(request.host, request.certificateRequest)
    }

    func renew(_ request: RenewRequest, caller: Caller) async throws(RPCStatus) -> JoinReply {
        let host = try host(of: caller)
        let standing = try await shell.read { $0.state.hosts[host]?.value.standing }
        guard let standing, standing != .fenced else {
            throw RPCStatus(
                .permissionDenied, "host \(host) is not a member of this cluster any more")
        }
        return try await issue(host, request.certificateRequest)
    }

    private func issue(_ host: HostID, _ request: [UInt8]) async throws(RPCStatus) -> JoinReply {
        let issued = try admission.issue(for: host, request)
        try await shell.keep(issued.changes)
        return issued.reply
    }

    private func host(of caller: Caller) throws(RPCStatus) -> HostID {
        guard let host = try admission.identity(of: caller.peer)?.host else {
            throw RPCStatus(.permissionDenied, "only agents may call \(caller.path)")
        }
        return host
    }

    // MARK: - Control

    func control(
        _ requests: MessageStream<AgentMessage>, caller: Caller,
        replies: MessageSink<CoordinatorMessage>
    ) async throws(RPCStatus) {
        guard case .hello(let hello)? = try await requests.next() else {
            throw RPCStatus(.invalidArgument, "hello: has to come first")
        }
        guard ProtocolVersion.isServed(hello.protocol) else {
            throw RPCStatus(.failedPrecondition, ProtocolVersion.refusal(of: hello.protocol))
        }
        try admission.authorize(caller.peer, caller.path, about: hello.host)
        let (session, instructions) = await shell.open(
            hello.host,
            AgentHello(
                version: hello.version, capacity: hello.capacity, labels: hello.labels,
                address: hello.address))
        do throws(RPCStatus) {
            // Every later change is told to all sessions, of which this now is one.
            try await replies.send(.revocations(admission.revocations))
            try await converse(hello.host, session, requests, caller, instructions, replies)
        } catch {
            await shell.close(hello.host, session)
            throw error
        }
        await shell.close(hello.host, session)
    }

    private func converse(
        _ host: HostID, _ session: SessionID, _ requests: MessageStream<AgentMessage>,
        _ caller: Caller,
        _ instructions: AsyncStream<CoordinatorMessage>, _ replies: MessageSink<CoordinatorMessage>
    ) async throws(RPCStatus) {
        try await Pump.both(
            { () async throws(RPCStatus) in
                while let message = try await requests.next() {
                    // Asked again for each: a certificate may be revoked while its connection lasts.
                    try admission.authorize(caller.peer, caller.path, about: host)
                    guard let news = message.news else {
                        throw RPCStatus(.invalidArgument, "hello: came twice")
                    }
                    // What is not taken is never said again, so the agent has to come anew and say everything.
                    guard await shell.post(.said(host, session, news)) else {
                        throw RPCStatus(.unavailable, "the coordinator is overloaded")
                    }
                }
                throw RPCStatus(.cancelled, "the agent said goodbye")
            },
            until: { () async throws(RPCStatus) in
                for await message in instructions { try await replies.send(message) }
                throw await shell.farewell(host, session)
            })
    }

    func attach(
        _ requests: MessageStream<AttachOutput>, caller: Caller, replies: MessageSink<AttachInput>
    ) async throws(RPCStatus) {
        guard case .session(let session)? = try await requests.next() else {
            throw RPCStatus(.invalidArgument, "session: has to come first")
        }
        try await broker.arrive(session, requests, replies)
    }

    func fetchFile(
        _ request: FetchFileRequest, caller: Caller, replies: MessageSink<Chunk>
    ) async throws(RPCStatus) {
        guard shelf.has(request.digest) else {
            throw RPCStatus(.notFound, "there is no file \(request.digest)")
        }
        do throws(ShelfFailure) {
            let reader = try shelf.open(request.digest)
            while let bytes = try reader.next(atMost: CoordinatorLimits.chunkBytes) {
                do throws(RPCStatus) {
                    try await replies.send(Chunk(bytes: bytes))
                } catch {
                    throw ShelfFailure("the reader went away: \(error.message)")
                }
            }
        } catch {
            throw RPCStatus(.internal, error.message)
        }
    }
}
