import RPC
import Transport

/// A server on a free port of this machine, without TLS, and a client of it, for one test.
enum Loopback {
    @discardableResult
    static func run<Result: Sendable>(
        _ handler: any CallHandler, _ body: (Client) async throws -> Result
    ) async throws -> Result {
        let server = Server(host: "127.0.0.1", port: 0, tls: nil, handler: handler)
        let port = try await server.bind()
        let running = Task { try await server.run() }
        defer { running.cancel() }
        let client = try await Client.connect(
            host: "127.0.0.1", port: port, tls: nil, timeout: .seconds(30))
        let result = try await body(client)
        await client.close()
        return result
    }
}

/// A handler that answers every call with the same bytes.
struct Parrot: CallHandler {
    let reply: [UInt8]

    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        _ = try await requests.next()
        try await responses.send(reply)
    }
}
