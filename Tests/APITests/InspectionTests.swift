import API
import RPC
import Testing
import Transport
import Wire

/// What a server says of itself, over a real connection.
@Suite struct InspectionTests {
    private static let router = Router(peers: FakePeers(), authorize: { _, _ in })
    private static let served = [
        "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection", "huddle.v1.Peers",
    ]

    @Test("a server lists what it was given, and its own two", arguments: Method.Reflection.all)
    func services(_ method: Method) async throws {
        let answer = try await Self.ask(.services("anything"), method)
        let expected = Self.served.map { ServiceResponse(name: $0) }
        #expect(answer == .services(ListServiceResponse(services: expected)))
    }

    @Test("a file comes with all that it imports, itself first")
    func file() async throws {
        let answer = try await Self.ask(.fileContaining(symbol: "huddle.v1.Cluster.Apply"))
        let names = ["huddle/v1/cluster.proto", "huddle/v1/model.proto", "huddle/v1/agents.proto"]
        let files = names.compactMap { DescriptorPool.served.file(named: $0)?.bytes }
        #expect(files.count == 3)
        guard case .files(let response) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(response.files.first == files.first)
        #expect(Set(response.files) == Set(files))
        let same = try await Self.ask(.file(named: "huddle/v1/cluster.proto"))
        #expect(same == answer)
    }

    @Test(
        "what is not there is not found, and what is no question is told so",
        arguments: [
            (.file(named: "huddle/v1/nothing.proto"), RPCStatus.Code.notFound),
            (.fileContaining(symbol: ""), .notFound),
            (.fileContaining(symbol: "huddle.v1"), .notFound),
            (.fileContaining(symbol: "huddle.v1.Cluster.Nothing"), .notFound),
            (.fileContainingExtension(.init(type: "huddle.v1.Plan", number: 7)), .notFound),
            (.extensionNumbers(of: "huddle.v1.Nothing"), .notFound), (nil, .invalidArgument),
        ] as [(ReflectionRequest.Query?, RPCStatus.Code)])
    func failures(_ query: ReflectionRequest.Query?, _ code: RPCStatus.Code) async throws {
        guard case .failure(let failure) = try await Self.ask(query) else {
            Issue.record("there is an answer")
            return
        }
        #expect(failure.code == Int32(code.rawValue))
    }

    @Test("a service is serving where it is served")
    func health() async throws {
        try await Loopback.run(Self.router) { client in
            for service in Self.served + [""] {
                let bytes = HealthCheckRequest(service: service).encoded()
                let reply = try await client.unary(Method.Health.check.path, bytes)
                #expect(try HealthCheckResponse(decoding: reply).status == .serving)
            }
            let unknown = HealthCheckRequest(service: "huddle.v1.Cluster").encoded()
            await #expect(
                throws: RPCStatus(.notFound, "there is no service huddle.v1.Cluster here")
            ) {
                try await client.unary(Method.Health.check.path, unknown)
            }
        }
    }

    @Test(
        "a watch says what is, and lasts as long as the server",
        arguments: [
            ("huddle.v1.Peers", HealthCheckResponse.ServingStatus.serving),
            ("huddle.v1.Cluster", .serviceUnknown),
        ])
    func watch(_ service: String, _ status: HealthCheckResponse.ServingStatus) async throws {
        let server = Server(host: "127.0.0.1", port: 0, tls: nil, handler: Self.router)
        let port = try await server.bind()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let client = try await Client.connect(
                host: "127.0.0.1", port: port, tls: nil, timeout: .seconds(30))
            let call = try await client.open(Method.Health.watch.path)
            try await call.requests.send(HealthCheckRequest(service: service).encoded())
            call.finish()
            let first = try #require(try await call.responses.next())
            #expect(try HealthCheckResponse(decoding: first).status == status)
            group.cancelAll()
            let ended = await #expect(throws: RPCStatus.self) { try await call.responses.next() }
            #expect(ended?.code == .unavailable)
            try await group.waitForAll()
        }
    }

    private static func ask(
        _ query: ReflectionRequest.Query?, _ method: Method = Method.Reflection.info
    ) async throws -> ReflectionResponse.Answer {
        try await Loopback.run(router) { client in
            let request = ReflectionRequest(host: "h", query: query)
            let call = try await client.open(method.path)
            try await call.requests.send(request.encoded())
            call.finish()
            let bytes = try #require(try await call.responses.next())
            #expect(try await call.responses.next() == nil)
            let response = try ReflectionResponse(decoding: bytes)
            #expect(response.host == "h")
            #expect(response.request == request)
            return response.answer
        }
    }
}
