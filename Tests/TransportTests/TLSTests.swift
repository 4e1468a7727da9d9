import RPC
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    @Test func aClientWithACertificateIsKnown() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        try await serving(Stage(), tls: cast.server) { _, port in
            let client = try await connect(port, cast.client(cast.agent))
            #expect(try await client.unary("/test.T/Who", []) == cast.agent.certificate)
            await client.close()
        }
    }

    @Test func aClientWithoutOneIsServedAsUnknown() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        try await serving(Stage(), tls: cast.server) { _, port in
            let client = try await connect(port, cast.client())
            #expect(try await client.unary("/test.T/Who", []) == [])
            await client.close()
        }
    }

    @Test func anyCertificateReachesTheHandlerThatJudgesIt() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        let expired = try cast.certificates.leaf("expired", by: "ca", days: -1)
        _ = try cast.certificates.authority("other")
        let foreign = try cast.certificates.leaf("foreign", by: "other")
        try await serving(Stage(), tls: cast.server) { server, port in
            for identity in [expired, foreign] {
                let client = try await connect(port, cast.client(identity))
                #expect(try await client.unary("/test.T/Who", []) == identity.certificate)
                await client.close()
            }
            #expect(server.counters.refusedHandshakes == 0)
        }
    }

    @Test func aServerThatTheClientDoesNotAcceptGetsNoCall() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        try await serving(Stage(), tls: cast.server) { _, port in
            let picky = ClientTLS(certificateChain: [], privateKey: []) { _ in false }
            let refused = await #expect(throws: RPCStatus.self) { try await connect(port, picky) }
            #expect(refused?.code == .unavailable)
        }
    }

    @Test func cleartextIsRefusedByASecureServer() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        try await serving(Stage(), tls: cast.server) { server, port in
            let refused = await #expect(throws: RPCStatus.self) { try await connect(port) }
            #expect(refused?.code == .unavailable)
            #expect(server.counters.refusedHandshakes == 1)
        }
    }

    @Test func newCredentialsServeNewHandshakesAndOldConnectionsStay() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        let renewed = try cast.certificates.leaf("renewed", by: "ca")
        try await serving(Stage(), tls: cast.server) { server, port in
            let old = try await connect(port, cast.client())
            try server.replaceTLS(
                ServerTLS(
                    certificateChain: [renewed.certificate], privateKey: renewed.key))
            await #expect(throws: RPCStatus.self) { try await connect(port, cast.client()) }
            let expecting = ClientTLS(certificateChain: [], privateKey: []) { chain in
                chain.first == renewed.certificate
            }
            let new = try await connect(port, expecting)
            #expect(try await new.unary("/test.T/Echo", [1]) == [1])
            #expect(try await old.unary("/test.T/Echo", [2]) == [2])
            #expect(throws: TransportFailure.self) {
                try server.replaceTLS(
                    ServerTLS(certificateChain: [[1, 2, 3]], privateKey: [4]))
            }
            let newest = try await connect(port, expecting)
            #expect(try await newest.unary("/test.T/Echo", [3]) == [3])
        }
    }
}
