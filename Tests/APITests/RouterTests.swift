import API
import ClusterModel
import RPC
import Testing
import Transport
import Wire

/// The router and the clients over a real connection.
@Suite struct RouterTests {
    private static let router = Router(
        join: FakeJoin(), agents: FakeAgents(), peers: FakePeers(), cluster: FakeCluster(),
        authorize: { _, _ in })

    @Test("a unary call brings a value there and one back")
    func unary() async throws {
        let reply = try await Loopback.run(Self.router) { client in
            try await ClusterClient(client: client).apply(
                ApplyRequest(workloads: [try Self.workload()]))
        }
        #expect(reply.changes == [WorkloadChange(workload: ID("web"), kind: .created)])
        #expect(reply.revision == Revision(7))
    }

    @Test("a server's stream ends with its status, after its messages")
    func serverStream() async throws {
        try await Loopback.run(Self.router) { client in
            let cluster = ClusterClient(client: client)
            let progress = try await cluster.runPlan(PlanRequest(id: ID("p")))
            for step in 0..<3 { #expect(try await progress.next()?.step == Step.StepID(step)) }
            await #expect(throws: RPCStatus(.failedPrecondition, "p is stale")) {
                try await progress.next()
            }
            var messages: [String] = []
            for try await event in try await cluster.events(EventsRequest(last: 4)) {
                messages.append(event.message)
            }
            #expect(messages == ["0", "1", "2", "3"])
        }
    }

    @Test("a client's stream gets one reply")
    func clientStream() async throws {
        let image = try await Loopback.run(Self.router) { client in
            try await ClusterClient(client: client).addImage { sink throws(RPCStatus) in
                let header = AddImageHeader(id: ID("debian"), format: .qcow2, sizes: [Bytes(6)])
                try await sink.send(.header(header))
                try await sink.send(.bytes([1, 2]))
                try await sink.send(.bytes([3, 4, 5, 6]))
            }
        }
        #expect(image.size == Bytes(6))
    }

    @Test("what the sender of a client's stream throws is what the call throws")
    func clientStreamAbandoned() async throws {
        let own = RPCStatus(.dataLoss, "the file ended early")
        try await Loopback.run(Self.router) { client in
            await #expect(throws: own) {
                try await ClusterClient(client: client).addImage { _ throws(RPCStatus) in
                    throw own
                }
            }
        }
    }

    @Test("both sides of a stream talk at the same time")
    func bidirectional() async throws {
        try await Loopback.run(Self.router) { client in
            let call = try await AgentsClient(client: client).control()
            let capacity = Capacity(total: .zero)
            let hello = Hello(protocol: 1, version: "1", host: ID("a"), capacity: capacity)
            try await call.requests.send(.hello(hello))
            let welcome = Welcome(protocol: 1, version: "a from 0", lease: .seconds(60))
            #expect(try await call.replies.next() == .welcome(welcome))
            try await call.requests.send(.statuses(Statuses(instances: [])))
            #expect(try await call.replies.next() == .acknowledged)
            call.requests.finish()
            #expect(try await call.replies.next() == nil)
        }
    }

    @Test("a cancelled call ends")
    func cancelled() async throws {
        try await Loopback.run(Self.router) { client in
            let call = try await ClusterClient(client: client).exec()
            try await call.requests.send(.bytes([1]))
            #expect(try await call.replies.next() == .output(OutputChunk(bytes: [1])))
            call.cancel()
            let status = await #expect(throws: RPCStatus.self) { try await call.replies.next() }
            #expect(status?.code == .cancelled)
        }
    }

    @Test("every method of the table is served", arguments: Method.all)
    func complete(_ method: Method) async throws {
        try await Loopback.run(Self.router) { client in
            let call = try await client.open(method.path)
            try await call.requests.send([])
            call.finish()
            do throws(RPCStatus) {
                // A watch has no end of its own.
                if method == Method.Health.watch {
                    #expect(try await call.responses.next() != nil)
                    call.cancel()
                    return
                }
                while try await call.responses.next() != nil {}
            } catch {
                #expect(error.code != .unimplemented, "\(method.path): \(error.message)")
                #expect(error.code != .internal, "\(method.path): \(error.message)")
            }
        }
    }

    @Test("services that were not given are not implemented")
    func peersOnly() async throws {
        let router = Router(peers: FakePeers(), authorize: { _, _ in })
        try await Loopback.run(router) { client in
            let file = FetchFileRequest(digest: "00")
            let chunks = try await PeersClient(client: client).fetchFile(file)
            #expect(try await chunks.next() == Chunk(bytes: [1, 2, 3]))
            let refusal = RPCStatus(
                .unimplemented, "/huddle.v1.Cluster/ListHosts is not served here")
            await #expect(throws: refusal) {
                try await ClusterClient(client: client).listHosts()
            }
            let instance = FetchInstanceRequest(instance: ID("web-0"), move: ID("m"))
            let log = try await PeersClient(client: client).fetchLog(instance)
            #expect(try await log.next() == OutputChunk(errorStream: true, bytes: [7]))
            let missing = try await PeersClient(client: client).fetchInstance(instance)
            await #expect(throws: RPCStatus(.notFound, "web-0 is not here")) {
                try await missing.next()
            }
        }
    }

    @Test("who may not call is told so before the request is read")
    func authorised() async throws {
        let router = Router(
            join: FakeJoin(), cluster: FakeCluster(),
            authorize: { peer, path throws(RPCStatus) in
                guard path == Method.Join.join.path else {
                    throw RPCStatus(
                        .permissionDenied, "\(peer.certificates.count) certificates, \(path)")
                }
            })
        try await Loopback.run(router) { client in
            let join = JoinRequest(
                protocol: 1, tokenID: "t", secret: [7], host: ID("a"), certificateRequest: [])
            let reply = try await JoinClient(client: client).join(join)
            #expect(reply == JoinReply(certificate: [7], authority: Array("a".utf8)))
            let refusal = RPCStatus(
                .permissionDenied, "0 certificates, /huddle.v1.Cluster/Apply")
            await #expect(throws: refusal) {
                try await client.unary(Method.Cluster.apply.path, [0xFF, 0xFF])
            }
        }
    }

    @Test(
        "a request that breaks a rule is an invalid argument that names the field",
        arguments: [
            (Method.Cluster.drainHost, [UInt8](), "host: is missing"),
            (
                Method.Cluster.apply, [0x0A, 0x02, 0x08, 0x09],
                "workloads[0].kind: 9 is not a value of this field"
            ),
            (Method.Cluster.apply, [0xFF], "the request is not a message of huddle.v1"),
            (
                Method.Agents.control, [0x1A, 0x02, 0x0A, 0x00],
                "statuses.instances[0].id: is missing"
            ),
        ])
    func invalid(_ method: Method, _ request: [UInt8], _ message: String) async throws {
        try await Loopback.run(Self.router) { client in
            await #expect(throws: RPCStatus(.invalidArgument, message)) {
                try await client.unary(method.path, request)
            }
        }
    }

    @Test("a request without end is more than the server has")
    func exhausted() async throws {
        let request = Array(repeatElement([0x0A, 0x00] as [UInt8], count: 500_001).joined())
        let message = Array([0x1A] + Self.varint(request.count)) + request
        try await Loopback.run(Self.router) { client in
            let refusal = RPCStatus(.resourceExhausted, "the request has too many instances")
            await #expect(throws: refusal) {
                try await client.unary(Method.Agents.control.path, message)
            }
        }
    }

    @Test("a reply that is no message is the server's fault")
    func badReply() async throws {
        try await Loopback.run(Parrot(reply: [0xFF])) { client in
            let fault = RPCStatus(
                .internal, "the server's reply: is not a message of huddle.v1")
            await #expect(throws: fault) {
                try await ClusterClient(client: client).listHosts()
            }
        }
    }

    private static func workload() throws -> Workload {
        try Workload(
            kind: .container, name: ID("web"), image: .named("nginx"),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
    }

    private static func varint(_ value: Int) -> [UInt8] {
        [UInt8(value & 0x7F) | 0x80, UInt8(value >> 7 & 0x7F) | 0x80, UInt8(value >> 14)]
    }
}
