import ArgumentParser
import Foundation
import Identity
import Transport

/// `huddle-bench serve`: the peer of `scripts/bench.d/peers` that is ours.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve huddle.bench.v1, in cleartext and under TLS.")

    @Argument(help: "Port for cleartext; 0 for a free one.")
    var port: Int

    @Argument(help: "Port for TLS; 0 for a free one.")
    var tlsPort: Int

    @Argument(help: "The server's certificate, PEM.")
    var certificate: String

    @Argument(help: "The certificate's key, PEM.")
    var key: String

    @Flag(help: ArgumentHelp("End when standard input does.", visibility: .hidden))
    var measured = false

    @Option(help: "For tests: the deadlines of slow peers are so many times shorter.")
    var deadlinesDividedBy = 1

    func validate() throws {
        guard deadlinesDividedBy > 0 else {
            throw ValidationError("--deadlines-divided-by must be at least 1")
        }
    }

    func run() async throws {
        if measured { MeasuredProcess.endWithParent() }
        let chain = try PEM.blocks(try content(certificate), of: .certificate)
        let tls = ServerTLS(certificateChain: chain, privateKey: try content(key))
        let deadlines = Deadlines(dividedBy: deadlinesDividedBy)
        let cleartext = Server(
            host: "127.0.0.1", port: port, tls: nil, handler: BenchHandler(),
            deadlines: deadlines)
        let secure = Server(
            host: "127.0.0.1", port: tlsPort, tls: tls, handler: BenchHandler(),
            deadlines: deadlines)
        // Read by whoever has asked for free ports.
        try say("ports \(try await cleartext.bind()) \(try await secure.bind())")
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await cleartext.run() }
            group.addTask { try await secure.run() }
        }
    }

    private func say(_ line: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
    }

    private func content(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }
}
