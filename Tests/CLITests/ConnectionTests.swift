import CLI
import ClusterModel
import HostIO
import Identity
import RPC
import Specs
import Testing
import Transport
import Wire

/// The real connection: sockets, TLS 1.3 and certificates of a cluster made for the test.
@Suite struct ConnectionTests {
    @Test("a command reaches its coordinator over mutual TLS, streams included")
    func real() async throws {
        var cluster = try MadeUpCluster()
        let context = try cluster.context()
        let server = Server(
            host: "127.0.0.1", port: 0, tls: try cluster.serverTLS(), handler: SmallCoordinator())
        try await withServer(server) { port in
            let hosts = await run(["hosts"], context(port))
            #expect(hosts.status == .done && hosts.output.contains("lab-2"), "\(hosts.errors)")
            let events = await run(["events"], context(port))
            #expect(events.status == .done && events.output.contains("is lost"), "\(events.errors)")
            let exec = await run(["exec", "web-0", "--", "echo", "a b"], context(port))
            #expect(exec.output == "echo a b" && exec.status.code == 3, "\(exec.errors)")
            let refused = await run(["restore", "lab-2"], context(port))
            #expect(refused.status == .notAllowed)
            #expect(refused.errors.contains("why: a viewer may not\n"))
            // Long enough to connect within it, on a machine that is busy with all the other tests.
            let slow = await run(["version", "--timeout", "5s"], context(port))
            #expect(slow.status == .timedOut, "\(slow.errors)")
        }
    }

    @Test("a server of another cluster is not talked to")
    func foreign() async throws {
        var cluster = try MadeUpCluster()
        var other = try MadeUpCluster()
        let context = try other.context()
        let server = Server(
            host: "127.0.0.1", port: 0, tls: try cluster.serverTLS(), handler: SmallCoordinator())
        try await withServer(server) { port in
            let ending = await run(["hosts"], context(port))
            #expect(ending.status == .unreachable)
            #expect(
                ending.errors.contains("why: the server is not this cluster's coordinator: "),
                "\(ending.errors)")
        }
    }

    @Test("nobody listens, and a context that holds no certificate")
    func nobody() async throws {
        var cluster = try MadeUpCluster()
        let context = try cluster.context()
        let ending = await run(["hosts"], context(1))
        #expect(ending.status == .unreachable, "\(ending.errors)")
        let empty = await run(["hosts"], Desk.context)
        #expect(empty.status == .notAllowed, "\(empty.errors)")
    }

    private func run(_ arguments: [String], _ context: String) async -> Ending {
        let process = Surroundings.process
        let desk = Desk(files: ["/c/admin.yaml": context])
        return await desk.run(arguments, connect: process.connect)
    }

    private func withServer(_ server: Server, _ body: (Int) async -> Void) async throws {
        let port = try await server.bind()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await server.run() }
            await body(port)
            group.cancelAll()
            await group.waitForAll()
        }
    }
}

/// An authority with one coordinator and one user; now is the real now, as TLS wants it.
struct MadeUpCluster {
    private let authority: ClusterAuthority
    private var generator = KernelRandom()
    private let now = Surroundings.process.now()

    init() throws { authority = try ClusterAuthority.make(at: now, using: &generator) }

    mutating func serverTLS() throws -> ServerTLS {
        let (certificate, key) = try issue(
            .coordinator(name: "coordinator", addresses: ["127.0.0.1"]))
        return ServerTLS(
            certificateChain: [certificate, authority.certificate], privateKey: key)
    }

    /// The text of a context for a port.
    mutating func context() throws -> (Int) -> String {
        let (certificate, key) = try issue(.user(name: "otto", role: .operator))
        let pem = { (der: [UInt8], label: PEM.Label) in
            String(decoding: PEM.encoded(der, as: label), as: UTF8.self)
        }
        let authority = pem(authority.certificate, .certificate)
        let leaf = pem(certificate, .certificate)
        let secret =
            key.starts(with: "-----".utf8)
            ? String(decoding: key, as: UTF8.self) : pem(key, .privateKey)
        return { port in
            ContextFile(
                cluster: "test", coordinator: .init(host: "127.0.0.1", port: UInt16(port)),
                authority: authority, certificate: leaf, key: secret
            ).text
        }
    }

    private mutating func issue(_ subject: Subject) throws -> (certificate: [UInt8], key: [UInt8]) {
        let request = try CertificateRequest.make(name: subject.name)
        let issued = try authority.issue(to: subject, for: request.der, at: now, using: &generator)
        return (issued.der, request.key)
    }
}

/// A coordinator that knows a few answers by heart.
private struct SmallCoordinator: CallHandler {
    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        switch call.path {
        case "/huddle.v1.Cluster/ListHosts":
            try await responses.send(ListHostsReply(hosts: Fixtures.hosts).encoded())
        case "/huddle.v1.Cluster/ListInstances":
            try await responses.send(ListInstancesReply(instances: Fixtures.instances).encoded())
        case "/huddle.v1.Cluster/Events":
            // As every server does: one that answers before it is asked ends the call under the asking.
            _ = try await requests.next()
            for occurrence in Fixtures.occurrences {
                try await responses.send(occurrence.encoded())
            }
        case "/huddle.v1.Cluster/Exec":
            try await exec(requests, responses)
        case "/huddle.v1.Cluster/RestoreHost":
            throw RPCStatus(.permissionDenied, "a viewer may not")
        default:
            // Answers nothing until the caller's time is over.
            while try await requests.next() != nil {}
            try? await Task.sleep(for: .seconds(60))
        }
    }

    private func exec(
        _ requests: InboundMessages, _ responses: OutboundMessages
    ) async throws(RPCStatus) {
        guard let bytes = try await requests.next(),
            let first = try? TerminalRequest(decoding: bytes),
            case .start(let start) = first
        else { throw RPCStatus(.invalidArgument, "the first message starts nothing") }
        let words = start.command.joined(separator: " ")
        let output = AttachOutput.output(OutputChunk(bytes: Array(words.utf8)))
        try await responses.send(output.encoded())
        try await responses.send(AttachOutput.end(AttachEnd(exitCode: 3)).encoded())
    }
}
