import ClusterModel
import Testing

@testable import ControlCore

/// What comes of a container's files while it runs: who may ask for it, and for how long.
@Suite struct OfferTests {
    private static let now = Instant(milliseconds: 1_767_323_045_678)
    private static let web = InstanceID("web-0")

    private static func order(
        _ role: MoveOrderNote.Role, _ phase: Move.Phase, kind: Workload.Kind = .container,
        mode: MoveMode = .live, undo: Bool = false, generation: UInt64 = 3,
        volumes: [Storage.Volume]? = nil, address: String = "lab-1:7441"
    ) throws -> MoveOrderNote {
        let volumes = try volumes ?? [Storage.Volume(name: "data", path: "/data")]
        let workload = try Workload(
            kind: kind, name: WorkloadID("web"), image: .named("image"),
            storage: kind == .vm ? .none : Storage(volumes: volumes),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
        return MoveOrderNote(
            move: Move(
                id: MoveID("m-1"), instance: web, kind: kind, source: HostID("lab-1"),
                target: HostID("lab-2"), mode: mode, generation: Generation(2), plan: nil),
            role: role, phase: phase, undo: undo,
            assigned: Assigned(
                instance: web, generation: Generation(generation), desired: .running,
                workload: workload, image: nil, address: IPv4Address("10.99.0.7")),
            sourceAddress: address)
    }

    private static func engine() -> AgentEngine {
        AgentEngine(holdings: [], rebooted: false, lease: HostLiveness.lease, heardAt: now)
    }

    private static func operations(_ effects: [AgentEffect]) -> [AgentOperation] {
        effects.compactMap { effect in
            if case .perform(let operation) = effect { operation } else { nil }
        }
    }

    private static func isOffered(_ engine: AgentEngine) -> Bool {
        engine.isOffered(web, in: MoveID("m-1"), to: HostID("lab-2"))
    }

    @Test("an offer is one move's to one host, and costs its source nothing")
    func offered() throws {
        var source = Self.engine()
        let offer = try Self.order(.source, .preflight)
        let run = [offer.assigned]
        let starts = source.handle(.assigned(run, complete: false), at: Self.now)
        for operation in Self.operations(starts) {
            _ = source.handle(.finished(operation, failure: nil), at: Self.now)
        }
        let holding = source.instances[Self.web]?.holding
        #expect(!Self.isOffered(source))
        let effects = source.handle(.ordered(offer), at: Self.now)
        #expect(Self.operations(effects).isEmpty)
        #expect(Self.isOffered(source))
        #expect(source.instances[Self.web]?.holding == holding)
        #expect(!source.isOffered(Self.web, in: MoveID("m-2"), to: HostID("lab-2")))
        #expect(!source.isOffered(Self.web, in: MoveID("m-1"), to: HostID("lab-3")))
        #expect(!source.isOffered(InstanceID("web-1"), in: MoveID("m-1"), to: HostID("lab-2")))
    }

    @Test("it ends with the next order, and with the coordinator's next word of the instance")
    func over() throws {
        let offer = try Self.order(.source, .preflight)
        for phase in [Move.Phase.copy, .release] {
            var source = Self.engine()
            _ = source.handle(.ordered(offer), at: Self.now)
            _ = source.handle(.ordered(try Self.order(.source, phase)), at: Self.now)
            #expect(!Self.isOffered(source), "\(phase)")
        }
        var undone = Self.engine()
        _ = undone.handle(.ordered(try Self.order(.source, .preflight, undo: true)), at: Self.now)
        #expect(!Self.isOffered(undone))
        var assigned = Self.engine()
        _ = assigned.handle(.ordered(offer), at: Self.now)
        let word = try Self.order(.source, .preflight, generation: 4).assigned
        _ = assigned.handle(.assigned([word], complete: false), at: Self.now)
        #expect(!Self.isOffered(assigned))
    }

    @Test(
        "a target fetches ahead what containers have in local volumes, or changed and go on with",
        arguments: MoveMode.allCases
    )
    func fetched(_ mode: MoveMode) throws {
        func ahead(_ order: MoveOrderNote) -> AgentOperation.Ahead? {
            var target = Self.engine()
            switch Self.operations(target.handle(.ordered(order), at: Self.now)).first?.verb {
            case .prepare(_, let ahead), .prepareLive(_, let ahead): return ahead
            default: return nil
            }
        }
        let found = ahead(try Self.order(.target, .prepare, mode: mode))
        #expect((found?.address == "lab-1:7441") == (mode != .relocate))
        #expect((found?.move == MoveID("m-1")) == (mode != .relocate))
        let plain = ahead(try Self.order(.target, .prepare, mode: mode, volumes: []))
        #expect((plain != nil) == (mode == .live))
        let shared = try Storage.Volume(name: "data", path: "/data", shared: "/srv/data")
        let sharing = ahead(try Self.order(.target, .prepare, mode: mode, volumes: [shared]))
        #expect((sharing != nil) == (mode == .live))
        #expect(ahead(try Self.order(.target, .prepare, kind: .vm, mode: .restart)) == nil)
        // A source that nobody knows the address of is not asked.
        #expect(ahead(try Self.order(.target, .prepare, mode: mode, address: "")) == nil)
    }

    @Test("what came in both passes is counted, each by itself")
    func counted() throws {
        let ahead = MoveMeasure(ahead: Bytes(5_000), bandwidth: BytesPerSecond(1_000))
        let rest = MoveMeasure(bytes: Bytes(70), downtime: .milliseconds(300))
        let all = ahead.completed(by: rest)
        #expect(all.ahead == Bytes(5_000) && all.bytes == Bytes(70))
        #expect(all.bandwidth == BytesPerSecond(1_000) && all.downtime == .milliseconds(300))
        let report = MoveReport(
            move: MoveID("m-1"), instance: Self.web, kind: .container, mode: .live,
            source: HostID("lab-1"), target: HostID("lab-2"), endedAt: Self.now,
            total: .seconds(6), measure: all)
        // The first pass is a part of the move, and none of the standing still.
        #expect(report.halt(at: BytesPerSecond(1_000)) == .milliseconds(230))
        #expect(report.setup(at: BytesPerSecond(1_000)) == .milliseconds(700))
        #expect(report.words.contains("0 MiB of files before, while it ran"))
    }

    @Test("what is fetched ahead for nothing is ended at once")
    func interrupted() throws {
        for isForgotten in [false, true] {
            var target = Self.engine()
            let order = try Self.order(.target, .prepare, mode: .restart, generation: 2)
            let begun = Self.operations(target.handle(.ordered(order), at: Self.now))
            #expect(begun.count == 1)
            let word = try Self.order(.target, .prepare, generation: 3).assigned
            let removed = Assigned(
                instance: word.instance, generation: word.generation, desired: .removed,
                workload: word.workload, image: nil)
            let effects = target.handle(
                isForgotten
                    ? .assigned([], complete: true) : .assigned([removed], complete: false),
                at: Self.now)
            let ended = effects.compactMap { effect in
                if case .interrupt(let operation) = effect { operation } else { nil }
            }
            #expect(ended == begun)
        }
    }

    @Test("what came ahead in vain is removed with what else waits")
    func forgotten() throws {
        var target = Self.engine()
        let order = try Self.order(.target, .prepare, mode: .restart, generation: 2)
        for operation in Self.operations(target.handle(.ordered(order), at: Self.now)) {
            _ = target.handle(.finished(operation, failure: nil), at: Self.now)
        }
        #expect(target.instances[Self.web]?.holding.assigned.desired == .stopped)
        let effects = target.handle(.assigned([], complete: true), at: Self.now)
        let removes = Self.operations(effects).contains { operation in
            if case .remove = operation.verb { true } else { false }
        }
        #expect(removes)
    }
}
