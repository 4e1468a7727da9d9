import ClusterModel
import Foundation
import HostIO
import Identity
import RPC
import Transport

/// One run: a server, connections to it, and its memory with them and without.
struct IdleRun: Sendable {
    struct Result: Codable, Sendable {
        let connections: Int
        let seconds: Int
        /// Proportional set size of the server before the connections and with them.
        let kibibytesBefore: Int
        let kibibytesAfter: Int
        let kibibytesPerConnection: Double
        /// Of one core, that the server used while they were idle.
        let cores: Double
    }

    let connections: Int
    let seconds: Int
    let port: Int
    private let clock = SystemClock()

    /// Handshakes under way at once.
    private static let abreast = 32

    init(connections: Int, seconds: Int, port: Int) {
        self.connections = connections
        self.seconds = seconds
        self.port = port
    }

    func run() async throws -> Result {
        try MeasuredProcess.raiseDescriptors(for: connections)
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "huddle-idle-\(getpid())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let client = try credentials(in: directory)
        try MeasuredProcess.stepAside()
        let server = try MeasuredProcess([
            "serve", "\(port)", "\(port + 1)", directory.appending(path: "certificate").path,
            directory.appending(path: "key").path, "--measured",
        ])
        defer { server.stop() }
        try await warmUp(client, server)

        let before = try server.use()
        let held = try await hold(client)
        let idle = try server.use()
        try await Task.sleep(for: .seconds(seconds))
        let after = try server.use()
        for call in held { call.cancel() }
        let added = after.kibibytes - before.kibibytes
        return Result(
            connections: connections, seconds: seconds, kibibytesBefore: before.kibibytes,
            kibibytesAfter: after.kibibytes,
            kibibytesPerConnection: Double(added) / Double(connections),
            cores: (after.seconds - idle.seconds) / Double(seconds))
    }

    /// Both ends' certificates, as a cluster makes them; the server's is written for it.
    private func credentials(in directory: URL) throws -> ClientTLS {
        var generator = KernelRandom()
        let authority = try ClusterAuthority.make(at: clock.now, using: &generator)
        func issue(
            _ name: String, _ subject: Subject
        ) throws -> (certificate: [UInt8], key: [UInt8]) {
            let request = try CertificateRequest.make(name: name)
            let issued = try authority.issue(
                to: subject, for: request.der, at: clock.now, using: &generator)
            return (issued.der, request.key)
        }
        let server = try issue(
            "coordinator", .coordinator(name: "coordinator", addresses: ["127.0.0.1"]))
        let agent = try issue("agent-0", .agent(HostID("agent-0")))
        try Data(PEM.encoded(server.certificate, as: .certificate))
            .write(to: directory.appending(path: "certificate"))
        try Data(server.key).write(to: directory.appending(path: "key"))
        return ClientTLS(certificateChain: [agent.certificate], privateKey: agent.key) { _ in true }
    }

    /// Waits for the server, and lets it make what it makes once: the first connection is not the price of the next.
    private func warmUp(_ tls: ClientTLS, _ server: MeasuredProcess) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while ContinuousClock.now < deadline, server.isRunning {
            if let call = try? await connect(tls) {
                call.cancel()
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw FleetFailure("the server did not start; port \(port) may be taken")
    }

    private func hold(_ tls: ClientTLS) async throws -> [ClientCall] {
        try await withThrowingTaskGroup(of: ClientCall.self) { group in
            var held: [ClientCall] = []
            for number in 0..<connections {
                if number >= Self.abreast, let call = try await group.next() { held.append(call) }
                group.addTask { try await connect(tls) }
            }
            for try await call in group { held.append(call) }
            return held
        }
    }

    /// A connection of its own, kept by its call.
    private func connect(_ tls: ClientTLS) async throws -> ClientCall {
        let client = try await Client.connect(
            host: "127.0.0.1", port: port + 1, tls: tls, timeout: .seconds(30))
        let call = try await client.open(BenchHandler.hold)
        try await call.requests.send([])
        return call
    }
}
