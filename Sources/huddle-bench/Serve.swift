import ArgumentParser
import FoundationEssentials
import Identity
import Transport

/// `huddle-bench serve`: the peer of `scripts/bench.d/peers` that is ours.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve huddle.bench.v1, in cleartext and under TLS.")

    @Argument(help: "Port for cleartext.")
    var port: Int

    @Argument(help: "Port for TLS.")
    var tlsPort: Int

    @Argument(help: "The server's certificate, PEM.")
    var certificate: String

    @Argument(help: "The certificate's key, PEM.")
    var key: String

    @Flag(help: ArgumentHelp("End when standard input does.", visibility: .hidden))
    var measured = false

    func run() async throws {
        if measured { MeasuredProcess.endWithParent() }
        let chain = try PEM.blocks(try content(certificate), of: .certificate)
        let tls = ServerTLS(certificateChain: chain, privateKey: try content(key))
        let cleartext = Server(
            host: "127.0.0.1", port: port, tls: nil, handler: BenchHandler())
        let secure = Server(
            host: "127.0.0.1", port: tlsPort, tls: tls, handler: BenchHandler())
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await cleartext.run() }
            group.addTask { try await secure.run() }
        }
    }

    private func content(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }
}
