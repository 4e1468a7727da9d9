import Foundation
import RPC
import Testing
import Transport

/// gRPC's own implementation as our client and as our server.
@Suite(
    .timeLimit(.minutes(5)),
    .enabled(if: Python.path != nil, "HUDDLE_TEST_PYTHON names no python with grpcio")
) struct InteropTests {
    @Test("grpcio speaks to our server over TLS")
    func grpcio() async throws {
        let cast = try Cast()
        defer { cast.remove() }
        let stage = Stage()
        try await serving(stage, tls: cast.server) { _, port in
            let ended = try await Python.run(
                "stage_client.py", ["localhost:\(port)"] + Self.files(cast, "agent"))
            #expect(ended.status == 0, "\(ended.output)")
            await stage.cancelled.wait()
        }
    }

    @Test(
        "grpcio's client finds every case of the description with our server",
        arguments: [false, true])
    func foreignClient(isSecure: Bool) async throws {
        let cast = isSecure ? try Cast() : nil
        defer { cast?.remove() }
        try await serving(TestService(), tls: cast?.server) { _, port in
            let files = cast.map { Self.files($0, "agent") } ?? []
            let ended = try await Python.run("client.py", ["\(port)"] + files)
            #expect(ended.status == 0, "\(ended.output)")
        }
    }

    @Test(
        "our client finds every case of the description with grpcio's server",
        arguments: [false, true])
    func foreignServer(isSecure: Bool) async throws {
        let cast = isSecure ? try Cast() : nil
        defer { cast?.remove() }
        let tls = cast.map { $0.client($0.agent) }
        let files = cast.map { Self.files($0, "server") } ?? []
        try await Python.serving("server.py", files) { greeting in
            let ports = greeting.split(separator: " ").compactMap { Int($0) }
            try #require(ports.count == 2, "\(greeting)")
            let client = try await connect(ports[0], tls)
            let tapped = isSecure ? nil : try await connect(ports[1])
            let cases = ClientCases(client: client, tapped: tapped, isForeign: true)
            try await cases.run()
            await tapped?.close()
            await client.close()
        }
    }

    /// The authority's certificate, and somebody's certificate and key.
    private static func files(_ cast: Cast, _ name: String) -> [String] {
        ["ca.pem", "\(name).pem", "\(name).key"].map { cast.certificates.file($0).path }
    }
}

/// The same cases between our own two ends, for which nothing foreign is needed.
@Suite(.timeLimit(.minutes(5))) struct OwnInteropTests {
    @Test("our client finds every case of gRPC's interoperability description with our server")
    func cases() async throws {
        try await serving(TestService()) { server, port in
            let client = try await connect(port)
            let cases = ClientCases(
                client: client, tapped: try await connect(port), isForeign: false)
            try await cases.run()
            await client.close()
        }
    }
}
