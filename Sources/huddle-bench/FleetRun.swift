import API
import Foundation
import Glibc
import HostIO
import Identity
import RPC
import Specs
import Transport
import Wire

/// One run: a coordinator, agents that join and connect, and the time in which they report.
struct FleetRun: Sendable {
    let agents: Int
    let interval: Duration
    let seconds: Int
    let port: Int
    private let clock = SystemClock()

    /// Joins and handshakes under way at once; more would only wait for the one core.
    private static let abreast = 64

    init(agents: Int, interval: Duration, seconds: Int, port: Int) {
        self.agents = agents
        self.interval = interval
        self.seconds = seconds
        self.port = port
    }

    func run() async throws -> FleetResult {
        try MeasuredProcess.raiseDescriptors(for: agents)
        let data = try directory()
        defer { try? FileManager.default.removeItem(at: data) }
        try MeasuredProcess.stepAside()
        let coordinator = try MeasuredProcess([
            "coordinator", data.path, "\(port)", "--measured",
        ])
        defer { coordinator.stop() }
        let admin = try await self.admin(data, coordinator)

        let bare = try coordinator.use()
        let record = FleetRecord()
        let began = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let (arrivals, entrance) = AsyncStream.makeStream(
                of: FleetSession.self, bufferingPolicy: .bufferingOldest(agents))
            group.addTask {
                defer { entrance.finish() }
                try await arrive(admin) { entrance.yield($0) }
            }
            var arrived = 0
            for await session in arrivals {
                let number = arrived
                arrived += 1
                group.addTask { await report(session, number, record) }
            }
            guard arrived == agents else {
                try await group.next()
                throw FleetFailure("\(arrived) of \(agents) agents arrived")
            }
            let ready = ContinuousClock.now - began
            // What arriving has left to do is not reporting.
            try await Task.sleep(for: .seconds(2))
            let before = try coordinator.use()
            let ownBefore = MeasuredProcess.ownSeconds
            record.begin()
            try await Task.sleep(for: .seconds(seconds))
            record.end()
            let after = try coordinator.use()
            let own = MeasuredProcess.ownSeconds - ownBefore
            group.cancelAll()
            return result(
                record, cores: (after.seconds - before.seconds) / Double(seconds),
                agentsCores: own / Double(seconds),
                kibibytes: Double(after.kibibytes - bare.kibibytes) / Double(agents),
                ready: ready)
        }
    }

    // MARK: - Getting there

    /// In memory where possible: joining is not what is measured, and would wait for a disk.
    private func directory() throws -> URL {
        let shared = URL(filePath: "/dev/shm")
        let parent =
            FileManager.default.isWritableFile(atPath: shared.path)
            ? shared : FileManager.default.temporaryDirectory
        let made = parent.appending(path: "huddle-fleet-\(getpid())")
        try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        return made
    }

    /// A connection as the admin, once the coordinator is there.
    private func admin(_ data: URL, _ coordinator: MeasuredProcess) async throws -> Client {
        let path = data.appending(path: "admin.yaml").path
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while ContinuousClock.now < deadline, coordinator.isRunning {
            if let text = try? String(contentsOfFile: path, encoding: .utf8) {
                let context = try ContextFile(SpecText(file: path, text: text))
                let certificate = try PEM.der(Array(context.certificate.utf8), of: .certificate)
                let tls = ClientTLS(
                    certificateChain: [certificate], privateKey: Array(context.key.utf8)
                ) { _ in true }
                if let client = try? await connect(tls) { return client }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw FleetFailure("the coordinator did not start; port \(port) may be taken")
    }

    private func connect(_ tls: ClientTLS) async throws -> Client {
        try await Client.connect(host: "127.0.0.1", port: port, tls: tls, timeout: .seconds(30))
    }

    /// Lets every agent join and connect, a few at a time; each goes on by itself from then on, as agents do.
    private func arrive(
        _ admin: Client, _ take: @escaping @Sendable (FleetSession) -> Void
    ) async throws {
        let users = ClusterClient(client: admin)
        let joining = try await connect(
            ClientTLS(certificateChain: [], privateKey: []) { _ in true })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<agents {
                if number >= Self.abreast { try await group.next() }
                group.addTask {
                    let token = try await users.createToken(
                        CreateTokenRequest(lifetime: .seconds(3_600))
                    ).token
                    let agent = try await FleetAgent(
                        number: number, port: port, joining: joining, token: token, clock: clock)
                    take(try await agent.connect())
                }
            }
            try await group.waitForAll()
        }
        await joining.close()
    }

    // MARK: - Reporting

    /// Reports, at this agent's own moment of each interval, until the run is over.
    private func report(
        _ session: FleetSession, _ number: Int, _ record: FleetRecord
    ) async {
        let phase = Double((number &* 7_919) % agents) / Double(agents)
        var due = ContinuousClock.now.advanced(by: interval * phase)
        var round: UInt64 = 0
        while !Task.isCancelled {
            do {
                try await Task.sleep(until: due)
                let sent = ContinuousClock.now
                try await session.report(UInt64(number) &* 31 &+ round &* 977, at: clock.now)
                record.add(ContinuousClock.now - sent, late: sent - due)
            } catch {
                if !Task.isCancelled { record.lose((error as? RPCStatus)?.message ?? "\(error)") }
                break
            }
            round += 1
            due = due.advanced(by: interval)
        }
        await session.client.close()
    }

    private func result(
        _ record: FleetRecord, cores: Double, agentsCores: Double, kibibytes: Double,
        ready: Duration
    ) -> FleetResult {
        let sorted = record.sorted
        func share(_ part: Double, of numbers: [Double]) -> Double {
            let index = Int(part * Double(numbers.count))
            return numbers.isEmpty ? 0 : numbers[min(numbers.count - 1, index)]
        }
        let late = share(0.99, of: record.lateness)
        return FleetResult(
            agents: agents, intervalSeconds: interval / .seconds(1), seconds: Double(seconds),
            reports: sorted.count, reportsPerSecond: Double(sorted.count) / Double(seconds),
            p50Milliseconds: share(0.5, of: sorted), p99Milliseconds: share(0.99, of: sorted),
            mostMilliseconds: sorted.last ?? 0, p99LateMilliseconds: late,
            coordinatorCores: cores, agentsCores: agentsCores, kibibytesPerAgent: kibibytes,
            lost: record.lost, readySeconds: ready / .seconds(1),
            limits: limits(record, reports: sorted.count, cores, agentsCores, late))
    }

    /// What was reached, in words.
    private func limits(
        _ record: FleetRecord, reports: Int, _ cores: Double, _ agentsCores: Double, _ late: Double
    ) -> [String] {
        var limits: [String] = []
        for (reason, count) in record.reasons.prefix(3) {
            limits.append("\(count) sessions ended early: \(reason)")
        }
        if sysconf(Int32(_SC_NPROCESSORS_ONLN)) < 2 {
            limits.append("one core for the coordinator and the agents")
        }
        let wanted = Double(agents * seconds) / (interval / .seconds(1))
        if Double(reports) < 0.98 * wanted, interval < .seconds(seconds) {
            limits.append("\(reports) reports of \(Int(wanted)) that were due")
        }
        if cores > 0.95 { limits.append("the coordinator's core is full") }
        if agentsCores > 0.95 { limits.append("the agents' core is full") }
        if late > 10 {
            limits.append("agents were late by up to \(Int(late)) ms at p99: the machine was busy")
        }
        return limits
    }
}

/// Why a fleet could not be made.
struct FleetFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
