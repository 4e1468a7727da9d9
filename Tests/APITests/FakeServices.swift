import API
import ClusterModel
import RPC
import Transport
import Wire

/// Lets everyone in.
struct FakeJoin: JoinService {
    func join(_ request: JoinRequest, caller: Caller) async throws(RPCStatus) -> JoinReply {
        JoinReply(certificate: request.secret, authority: Array(request.host.rawValue.utf8))
    }
}

/// Acknowledges reports and echoes what is attached.
struct FakeAgents: AgentsService {
    func renew(_ request: RenewRequest, caller: Caller) async throws(RPCStatus) -> JoinReply {
        JoinReply(certificate: request.certificateRequest, authority: [])
    }

    func control(
        _ requests: MessageStream<AgentMessage>, caller: Caller,
        replies: MessageSink<CoordinatorMessage>
    ) async throws(RPCStatus) {
        for try await message in requests {
            switch message {
            case .hello(let hello):
                let version = "\(hello.host) from \(caller.peer.certificates.count)"
                try await replies.send(
                    .welcome(Welcome(protocol: 1, version: version, lease: .seconds(60))))
            case .report, .statuses, .moveResult, .moveProgress, .capacity:
                try await replies.send(.acknowledged)
            }
        }
    }

    func attach(
        _ requests: MessageStream<AttachOutput>, caller: Caller,
        replies: MessageSink<AttachInput>
    ) async throws(RPCStatus) {
        while let output = try await requests.next() {
            if case .output(let chunk) = output { try await replies.send(.bytes(chunk.bytes)) }
        }
        try await replies.send(.closed)
    }

    func fetchFile(
        _ request: FetchFileRequest, caller: Caller, replies: MessageSink<Chunk>
    ) async throws(RPCStatus) {
        for byte in request.digest.utf8 { try await replies.send(Chunk(bytes: [byte])) }
    }
}

/// Has one file and no instance.
struct FakePeers: PeersService {
    func fetchFile(
        _ request: FetchFileRequest, caller: Caller, replies: MessageSink<Chunk>
    ) async throws(RPCStatus) {
        try await replies.send(Chunk(bytes: [1, 2, 3]))
    }

    func fetchInstance(
        _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<Chunk>
    ) async throws(RPCStatus) {
        throw RPCStatus(.notFound, "\(request.instance) is not here")
    }

    func fetchLog(
        _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<OutputChunk>
    ) async throws(RPCStatus) {
        try await replies.send(OutputChunk(errorStream: true, bytes: [7]))
    }
}
