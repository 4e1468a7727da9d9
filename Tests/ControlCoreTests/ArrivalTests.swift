import ClusterModel
import ControlCore
import Testing

/// When an agent is to bring an instance's earlier log, and the line that stands between.
@Suite struct ArrivalTests {
    private static let now = Instant(milliseconds: 1_767_323_045_678)

    private static func move(_ kind: Workload.Kind, _ mode: MoveMode) -> Move {
        Move(
            id: MoveID("m-1"), instance: InstanceID("web-0"), kind: kind, source: HostID("lab-1"),
            target: HostID("lab-2"), mode: mode, generation: Generation(2), plan: nil)
    }

    private static func order(
        _ move: Move, _ role: MoveOrderNote.Role, _ phase: Move.Phase, undo: Bool = false
    ) throws -> MoveOrderNote {
        let workload = try Workload(
            kind: move.kind, name: WorkloadID("web"), image: .named("image"),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
        return MoveOrderNote(
            move: move, role: role, phase: phase, undo: undo,
            assigned: Assigned(
                instance: move.instance, generation: Generation(3), desired: .running,
                workload: workload, image: nil, address: IPv4Address("10.99.0.7")),
            sourceAddress: "lab-1:7441")
    }

    private static func engine() -> AgentEngine {
        AgentEngine(holdings: [], rebooted: false, lease: HostLiveness.lease, heardAt: now)
    }

    @Test(
        "only while the target confirms",
        arguments: [
            move(.vm, .live), move(.container, .live), move(.container, .relocate),
            move(.vm, .restart),
        ])
    func confirming(_ move: Move) throws {
        var engine = Self.engine()
        for phase in Move.Phase.allCases where phase < .confirm {
            let order = try Self.order(move, .target, phase)
            let effects = engine.handle(.ordered(order), at: Self.now)
            #expect(engine.arrival(of: move.instance) == nil, "\(phase)")
            Self.finish(effects, &engine)
        }
        let confirm = try Self.order(move, .target, .confirm)
        let effects = engine.handle(.ordered(confirm), at: Self.now)
        let arrival = engine.arrival(of: move.instance)
        #expect(arrival?.move == move && arrival?.sourceAddress == "lab-1:7441")
        #expect(engine.arrival(of: InstanceID("web-1")) == nil)
        Self.finish(effects, &engine)
        #expect(engine.arrival(of: move.instance) == nil, "it is confirmed")
        // What was confirmed is not done again.
        _ = engine.handle(.ordered(confirm), at: Self.now)
        #expect(engine.arrival(of: move.instance) == nil)
    }

    private static func finish(_ effects: [AgentEffect], _ engine: inout AgentEngine) {
        for case .perform(let operation) in effects {
            _ = engine.handle(.finished(operation, failure: nil), at: now)
        }
    }

    @Test("not at the source, and not where a move is undone")
    func others() throws {
        let move = Self.move(.vm, .live)
        var source = Self.engine()
        _ = source.handle(.ordered(try Self.order(move, .source, .switchOver)), at: Self.now)
        #expect(source.arrival(of: move.instance) == nil)
        #expect(source.departure(of: move.instance) == nil)
        var target = Self.engine()
        let undo = try Self.order(move, .target, .confirm, undo: true)
        _ = target.handle(.ordered(undo), at: Self.now)
        #expect(target.arrival(of: move.instance) == nil)
    }

    @Test("a source keeps what its target fetches when it is told to let go, and only then")
    func departing() throws {
        let move = Self.move(.container, .live)
        var source = Self.engine()
        for phase in [Move.Phase.copy, .release] {
            let effects = source.handle(
                .ordered(try Self.order(move, .source, phase)), at: Self.now)
            #expect(source.departure(of: move.instance) == (phase == .release ? move : nil))
            #expect(source.arrival(of: move.instance) == nil)
            Self.finish(effects, &source)
        }
        #expect(source.departure(of: move.instance) == nil)
    }

    @Test("the line names both hosts and the moment, and says what is missing")
    func marker() {
        let move = Self.move(.vm, .live)
        #expect(
            move.marker(at: Self.now, isWhole: true)
                == "--- moved from lab-1 to lab-2 at 2026-01-02T03:04:05Z ---")
        #expect(
            move.marker(at: Self.now, isWhole: false)
                == "--- moved from lab-1 to lab-2 at 2026-01-02T03:04:05Z, without its earlier log ---"
        )
    }
}
