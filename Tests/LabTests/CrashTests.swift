import Testing

/// When in a pack something is killed.
enum Moment: String, CaseIterable, Sendable {
    case begun, copying, switchingOver, firstDone

    /// Whether these moves show it. Phases pass quickly, so a later one counts as well.
    func isThere(in moves: [MoveView]) -> Bool {
        let running = moves.filter { $0.outcome == nil }
        switch self {
        case .begun: return !running.isEmpty
        case .copying: return running.contains { !["preflight", "prepare"].contains($0.phase) }
        case .switchingOver:
            return running.contains { ["switchOver", "confirm", "release"].contains($0.phase) }
                || moves.contains { $0.outcome != nil }
        case .firstDone: return moves.contains { $0.outcome != nil }
        }
    }
}

extension LabTests {
    @Test(
        "a coordinator killed in the middle of a pack goes on or rolls back",
        .timeLimit(.minutes(3)), arguments: Moment.allCases)
    func coordinatorKilledWhilePacking(at moment: Moment) async throws {
        try await spread()
        // One at a time, so that there is a middle.
        try await cluster.setPolicy(["moves.cluster=1"])
        let earlier = Set(try await cluster.moves().map(\.id))
        // Its coordinator goes away, so how it ends does not matter here.
        async let pack = Lab.huddle(["pack", "--yes"], within: .seconds(120))
        try await reach(moment, after: earlier)
        try await Lab.script("kill", "coordinator")
        try await cluster.hostsReady()
        _ = try await pack
        try await cluster.noMoveUnderWay()
        try await eachRunsOnce()
        // What was cut short is no obstacle to the next.
        try await cluster.run("pack", "--yes", within: .seconds(120))
        try await eachRunsOnce()
        let hosts = try await cluster.hosts()
        #expect(hosts.filter { $0.instances == 0 }.count == 2, "\(hosts)")
    }

    /// An agent killed while an instance moves from lab-1 to lab-2: the source's or the target's.
    struct Blow: Sendable, CustomTestStringConvertible {
        let kind: String
        let agent: String
        let moment: Moment

        var testDescription: String { "\(kind), agent of \(agent), \(moment)" }

        static let all = ["container", "vm"].flatMap { kind in
            ["lab-1", "lab-2"].flatMap { agent in
                [Moment.begun, .switchingOver].map { Blow(kind: kind, agent: agent, moment: $0) }
            }
        }
    }

    @Test(
        "an agent killed in the middle of a move loses nothing", .timeLimit(.minutes(3)),
        arguments: Blow.all)
    func agentKilledWhileMoving(_ blow: Blow) async throws {
        let container = Spec(name: "one", command: Spec.reluctant)
        try await cluster.apply(blow.kind == "vm" ? .machine("one") : container, on: "lab-1")
        let earlier = Set(try await cluster.moves().map(\.id))
        async let migration = Lab.huddle(
            ["migrate", "one-0", "--to", "lab-2"], within: .seconds(150))
        try await reach(blow.moment, after: earlier)
        try await Lab.script("kill", "\(blow.agent):agent")
        let ended = try await migration
        try await cluster.hostsReady()
        try await cluster.noMoveUnderWay()
        let one = try await cluster.running("one-0")[0]
        #expect(one.host == (ended.status == 0 ? "lab-2" : "lab-1"), "\(ended)")
        try await onlyCopies(["one-0"])
    }

    /// Waits until a move that was not there before is as far as this.
    func reach(_ moment: Moment, after earlier: Set<String>) async throws {
        try await cluster.eventually(
            "moment \(moment)", within: .seconds(30), every: .milliseconds(50)
        ) {
            let moves = try await cluster.moves().filter { !earlier.contains($0.id) }
            return moment.isThere(in: moves) ? true : nil
        }
    }

    /// Three instances on three hosts that fit on one, a VM among them.
    private func spread() async throws {
        try await cluster.apply(
            Spec(name: "one", command: Spec.reluctant), on: "lab-1", wait: false)
        try await cluster.apply(.machine("two"), on: "lab-2", wait: false)
        try await cluster.apply(
            Spec(name: "three", command: Spec.reluctant), on: "lab-3", wait: false)
        try await cluster.running("one-0", "two-0", "three-0")
    }

    private func eachRunsOnce() async throws {
        try await cluster.running("one-0", "two-0", "three-0")
        try await onlyCopies(["one-0", "three-0", "two-0"])
    }

    /// Exactly these really run, once over all hosts and where the coordinator says; nothing else is left anywhere.
    func onlyCopies(_ names: [String], on hosts: [String] = Lab.hosts) async throws {
        try await cluster.must("\(names) really run once each, and nothing else is left") {
            let copies = try await RealCopies.all(on: hosts)
            let known = try await cluster.instances()
            return copies.map(\.instance).sorted() == names.sorted()
                && copies.allSatisfy { copy in
                    copy.state == "running"
                        && known.contains { $0.name == copy.instance && $0.host == copy.host }
                }
        }
    }

    /// The very same processes run as before, and none besides.
    func unchanged(_ before: [RealCopy]) async throws {
        let now = try await RealCopies.all()
        #expect(now == before, "before \(before), now \(now)")
    }
}
