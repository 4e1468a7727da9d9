import ClusterModel
import ControlCore

/// A move of web-0 from a to b.
struct MoveSession: ScriptSession {
    private var now = Instant(milliseconds: 0)
    private var engine: MoveEngine
    private var last: MoveEngine.Effect?

    init() { self.init(.restart, .container) }

    private init(_ mode: MoveMode, _ kind: Workload.Kind) {
        let move = Move(
            id: MoveID("m-1"), instance: InstanceID("web-0"), kind: kind, source: HostID("a"),
            target: HostID("b"),
            mode: mode, generation: Generation(2), plan: nil)
        engine = MoveEngine(
            record: MoveRecord(move: move, phase: .preflight, beganAt: now), now: now)
    }

    mutating func run(_ verb: String, _ words: [String]) throws -> [String] {
        switch verb {
        case "streamed":
            self = MoveSession(.live, .vm)
            return ["a live move of a VM"]
        case "relocated":
            self = MoveSession(.relocate, .container)
            return ["a relocation of a container"]
        case "begin", "resume": return handle(.resume)
        case "ok": return answer(nil)
        case "fail": return answer(words.joined(separator: " "))
        case "late": return try late(words)
        case "cancel": return handle(.cancel)
        case "silent": return handle(.silent(HostID(words.first ?? "")))
        case "stays-silent": return handle(.silentBeyondLeases(HostID(words.first ?? "")))
        case "gone": return handle(.gone(HostID(words.first ?? "")))
        // `connected b 2`: here again, in its second boot.
        case "connected":
            return handle(.connected(HostID(words.first ?? ""), boot: words.last ?? ""))
        case "after":
            now = now.advanced(by: .seconds(try ScriptWords.seconds(words)))
            return handle(.tick)
        case "restart":
            engine = MoveEngine(record: engine.record, now: now)
            return handle(.resume)
        default: throw Script.Malformed(line: verb, problem: "no such command")
        }
    }

    /// Steps forward with success until the order for a phase is out.
    private mutating func answer(_ failure: String?) -> [String] {
        guard case .order(let host, let phase, let undo) = last else {
            return ["nothing was asked"]
        }
        let waits = engine.record.move.isStreamed && phase == .prepare && failure == nil
        return handle(
            .answered(
                by: host, phase: phase, undo: undo, failure: failure,
                endpoint: waits ? ScriptWords.endpoint : nil))
    }

    private mutating func late(_ words: [String]) throws -> [String] {
        guard words.count >= 2, let phase = Move.Phase(rawValue: words[1]) else {
            throw Script.Malformed(
                line: words.joined(separator: " "), problem: "late HOST PHASE [undo]")
        }
        return handle(
            .answered(
                by: HostID(words[0]), phase: phase, undo: words.contains("undo"), failure: nil,
                endpoint: nil))
    }

    /// Where packets go that do not go where the instance was decided to be.
    private var place: String {
        if engine.isHandedOver { return ", packets to b" }
        return engine.record.move.overlaps && engine.isBetweenHosts ? ", packets to both" : ""
    }

    private mutating func handle(_ event: MoveEngine.Event) -> [String] {
        let before = engine.record
        let effects = engine.handle(event, at: now)
        if engine.record.phase == .copy, before.phase < .copy { engine.note(targetBoot: "1") }
        for effect in effects { if case .order = effect { last = effect } }
        var said = effects.map(Words.of)
        if said.isEmpty { said = ["nothing"] }
        if before != engine.record {
            let held = ["a", "b"].filter { engine.governs(HostID($0)) }.joined(separator: ",")
            said.append(
                "= \(engine.record.phase.rawValue)\(engine.record.isUndoing ? " undoing" : "") governs \(held.isEmpty ? "-" : held)\(engine.canCancel ? " can cancel" : "")\(place)"
            )
        }
        return said
    }
}
