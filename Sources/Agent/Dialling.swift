import RPC
import Transport

/// How connections begin.
enum Dialling {
    /// Connects to `host:port`.
    static func connect(_ address: String, _ tls: ClientTLS) async throws(RPCStatus) -> Client {
        guard let colon = address.lastIndex(of: ":"),
            let port = Int(address[address.index(after: colon)...])
        else { throw RPCStatus(.invalidArgument, "'\(address)' is not host:port") }
        var host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return try await Client.connect(
            host: String(host), port: port, tls: tls, timeout: AgentLimits.callPatience)
    }
}
