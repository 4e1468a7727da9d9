import ClusterModel
import Drivers
import HostIO
import Ports
import Synchronization
import Testing

/// Two hosts of one machine, as far as QEMU is concerned.
struct MoveBench {
    let source: QEMUBench
    let target: QEMUBench
    let authority: MoveAuthority
    let loopback = IPv4Address(bits: 0x7f00_0001)
    let downtime = Duration.milliseconds(300)

    init(data: String) async throws {
        source = try QEMUBench(data: data + "/a")
        target = try QEMUBench(data: data + "/b", group: "huddle-test-targets", firstUser: 430_000)
        authority = try await MoveAuthority(in: data + "/ca")
    }

    /// Runs `body` with a guest that has booted at the source; nothing of it may be left afterwards
    /// on either side.
    func withGuest(
        _ order: StartOrder, _ body: (QEMUDriver, QEMUDriver) async throws -> Void
    ) async throws {
        let id = order.instance
        do {
            _ = try await source.shared.start(order)
            try await source.shared.awaitLog(of: id, containing: "huddle guest ready")
            try await body(source.shared, target.shared)
        } catch {
            await source.shared.removeInSpite(id)
            await target.shared.removeInSpite(id)
            throw error
        }
        try await source.shared.remove(id)
        try await target.shared.remove(id)
        let leftovers = try await source.leftovers(of: id) + target.leftovers(of: id)
        #expect(leftovers == [])
    }

    /// The order with which the target receives what `order` started.
    func next(_ order: StartOrder) -> StartOrder {
        StartOrder(
            instance: order.instance, generation: order.generation.next, workload: order.workload,
            image: order.image, network: order.network)
    }

    /// The QEMU of an instance, also of one that is not listed yet.
    func emulator(of id: InstanceID, in bench: QEMUBench) throws -> ProcessHandle {
        for member in ControlGroup("\(bench.group)/\(id)", in: try .mounted()).members() {
            let name = try HostFile.text("/proc/\(member)/comm")
            if name.hasPrefix("qemu"), let handle = ProcessHandle(member) { return handle }
        }
        throw DriverFailure(.notFound, "no QEMU of \(id)")
    }

    func kill(_ id: InstanceID, in bench: QEMUBench) async throws {
        let handle = try emulator(of: id, in: bench)
        handle.signal(.kill)
        _ = await handle.ended()
    }

    /// Asks QEMU itself.
    func ask<Answer: Decodable & Sendable>(
        _ command: String, of id: InstanceID, in bench: QEMUBench, for: Answer.Type
    ) async throws -> Answer {
        try await QMPClient(socket: "\(bench.data)/vms/\(id)/run/qmp.sock")
            .session(failing: { $0 }) { (session) async throws(QMPFailure) in
                try await session.execute(
                    command, arguments: NoArguments(), returning: Answer.self)
            }
    }

    private struct Value: Encodable, Sendable { let value: UInt64 }
    private struct Nothing: Decodable, Sendable {}

    /// Sets the balloon behind the driver's back.
    func setBalloon(_ size: Bytes, of id: InstanceID, in bench: QEMUBench) async throws {
        try await tell("balloon", Value(value: size.count), of: id, in: bench)
    }

    /// Has QEMU do something behind the driver's back.
    func tell(
        _ command: String, _ arguments: some Encodable & Sendable, of id: InstanceID,
        in bench: QEMUBench
    ) async throws {
        try await QMPClient(socket: "\(bench.data)/vms/\(id)/run/qmp.sock")
            .session(failing: { $0 }) { (session) async throws(QMPFailure) in
                _ = try await session.execute(
                    command, arguments: arguments, returning: Nothing.self)
            }
    }

    struct Figures: Decodable, Sendable {
        let downtime: Int?
        let total: Int?

        enum CodingKeys: String, CodingKey {
            case downtime
            case total = "total-time"
        }
    }

    /// What QEMU measured of a move that was made, in words.
    func downtime(of id: InstanceID, in bench: QEMUBench) async throws -> String {
        let figures = try await ask("query-migrate", of: id, in: bench, for: Figures.self)
        return "by QEMU \(figures.total ?? -1) ms in all, \(figures.downtime ?? -1) ms downtime"
    }

    private struct Named: Decodable, Sendable {
        let name: String?
        let id: String?

        enum CodingKeys: String, CodingKey {
            case name = "node-name"
            case id
        }
    }

    /// Disks and jobs of a move that QEMU still has.
    func remains(of id: InstanceID, in bench: QEMUBench) async throws -> [String] {
        let nodes = try await ask("query-named-block-nodes", of: id, in: bench, for: [Named].self)
        let jobs = try await ask("query-jobs", of: id, in: bench, for: [Named].self)
        return (nodes.compactMap(\.name) + jobs.compactMap(\.id)).filter { $0.hasPrefix("move") }
    }

    struct GuestState: Decodable, Sendable { let status: String }

    func state(of id: InstanceID, in bench: QEMUBench) async throws -> String {
        try await ask("query-status", of: id, in: bench, for: GuestState.self).status
    }
}

extension QEMUDriver {
    /// Types a line on the console again and again until the guest shows `text`: it may not listen
    /// yet. Returns what was shown.
    @discardableResult
    func type(
        _ line: String, to id: InstanceID, until text: String
    ) async throws -> String {
        let seen = Collected()
        let session = TerminalSession(
            input: { () async throws(DriverFailure) in
                do { try await Task.sleep(for: .seconds(1)) } catch { return nil }
                return Array(line.utf8)
            }, output: { seen.append($0) })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await console(of: id, session: session) }
            while !seen.text.contains(text) { try await Task.sleep(for: .milliseconds(50)) }
            group.cancelAll()
            return seen.text
        }
    }

    /// Runs a command of the guest's shell to its end, once; returns what was shown meanwhile.
    @discardableResult
    func run(_ command: String, in id: InstanceID) async throws -> String {
        let mark = UInt32.random(in: 0...UInt32.max)
        let seen = Collected()
        let isListening = Mutex(false)
        let session = TerminalSession(
            input: { () async throws(DriverFailure) in
                // Asked again and again until the shell answers, then told once.
                do {
                    try await Task.sleep(for: .milliseconds(300))
                    if isListening.withLock({ $0 }) { try await Task.sleep(for: .seconds(1000)) }
                } catch {
                    return nil
                }
                guard seen.text.contains("shell-\(mark)-is-there") else {
                    return Array("echo shell-\(mark)-is''-there\n".utf8)
                }
                isListening.withLock { $0 = true }
                return Array("\(command)\necho end-\(mark)-is''-here\n".utf8)
            }, output: { seen.append($0) })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await console(of: id, session: session) }
            while !seen.text.contains("end-\(mark)-is-here") {
                try await Task.sleep(for: .milliseconds(20))
            }
            group.cancelAll()
            return seen.text
        }
    }

    /// The guest's clock, in seconds since its boot.
    func uptime(of id: InstanceID) async throws -> Double {
        let shown = try await run("echo up=$(cut -d ' ' -f 1 /proc/uptime)=", in: id)
        let fields = shown.split(separator: "=")
        return try #require(fields.compactMap { Double($0) }.last)
    }
}

extension QEMUDriver {
    /// A copy that may send as much as it can.
    @discardableResult
    func copy(
        _ instance: InstanceID, to endpoint: MoveEndpoint, credentials: MoveCredentials,
        downtime: Duration, progress: @Sendable (MoveProgress) async -> Void
    ) async throws(DriverFailure) -> MoveMeasure {
        try await copy(
            instance, to: endpoint, credentials: credentials,
            accepting: MovePreference(downtime: downtime),
            ceiling: { nil }, progress: progress)
    }

    @discardableResult
    func switchOver(
        _ instance: InstanceID, downtime: Duration
    ) async throws(DriverFailure) -> MoveMeasure {
        try await switchOver(instance, within: DowntimeLadder(downtime), ceiling: { nil })
    }
}

extension QEMUDriver {
    /// Over one stream.
    func receive(
        _ order: StartOrder, at address: IPv4Address, credentials: MoveCredentials
    ) async throws(DriverFailure) -> MoveEndpoint {
        try await receive(
            order, at: address, credentials: credentials, streams: 1, takingPostcopy: false)
    }

    /// Where nobody knows whether its source has let go of it.
    func arrived(_ instance: InstanceID) async throws(DriverFailure) -> DriverInstance {
        try await arrived(instance, from: .unknown).instance
    }
}
