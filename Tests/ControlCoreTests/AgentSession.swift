import ClusterModel
import ControlCore

/// The agent of host b; `a` is where moves come from, `c` where they go.
struct AgentSession: ScriptSession {
    private var now = Instant(milliseconds: 100_000)
    private var kept: [InstanceID: Holding] = [:]
    private var heardAt = Instant(milliseconds: 100_000)
    private var engine = AgentEngine(
        holdings: [], rebooted: false, lease: HostLiveness.lease,
        heardAt: Instant(milliseconds: 100_000))
    private var operations: [InstanceID: AgentOperation] = [:]

    mutating func run(_ verb: String, _ words: [String]) throws -> [String] {
        switch verb {
        case "assign": return handle(.assigned(try assigned(words), complete: false))
        case "assign-all":
            // What follows the word `moving` are instances that moves' orders speak of.
            let parts = words.split(
                separator: "moving", maxSplits: 1, omittingEmptySubsequences: false)
            let moving = parts.dropFirst().joined().map { InstanceID($0) }
            return handle(.assigned(try assigned(Array(parts[0])), complete: true, moving: moving))
        case "order": return handle(.ordered(try order(words)))
        case "sees": return handle(.seen(.container, try seen(words)))
        case "sees-vm": return handle(.seen(.vm, try seen(words)))
        case "ok": return finish(words.first, nil)
        case "fail": return finish(words.first, words.dropFirst().joined(separator: " "))
        // It arrived, and what it lacked of its memory did not.
        case "lost": return finish(words.first, nil, isLost: true)
        case "refuse":
            let reason = words.dropFirst().joined(separator: " ")
            return finish(
                words.first, reason, CheckpointVerdict(.checkpoint, reason: reason))
        case "probe":
            let result = words.dropFirst().joined(separator: " ")
            return handle(
                .probed(InstanceID(words.first ?? ""), failure: result == "ok" ? nil : result))
        case "proof":
            // `proof m-1 web-0 ok`: the answer to what was asked in that move.
            let result = words.dropFirst(2).joined(separator: " ")
            return handle(
                .proved(
                    InstanceID(words.dropFirst().first ?? ""), MoveID(words.first ?? ""),
                    failure: result == "ok" ? nil : result))
        case "flushed":
            // `flushed m-1 ok`
            let result = words.dropFirst().joined(separator: " ")
            return handle(
                .flushed(MoveID(words.first ?? ""), failure: result == "ok" ? nil : result))
        case "after":
            var said: [String] = []
            for _ in 0..<(try ScriptWords.seconds(words)) {
                now = now.advanced(by: .seconds(1))
                said += handle(.tick, quietly: true)
            }
            return said
        case "connect": return handle(.greeting(at: now), quietly: true) + handle(.welcomed)
        case "greet": return handle(.greeting(at: now))
        case "welcome": return handle(.welcomed)
        case "report": return handle(.reporting(at: now))
        case "acknowledge": return handle(.acknowledged)
        case "restart", "reboot":
            operations = [:]
            engine = AgentEngine(
                holdings: kept.values.sorted { $0.id < $1.id }, rebooted: verb == "reboot",
                lease: HostLiveness.lease, heardAt: heardAt)
            for holding in engine.heldByReboot { kept[holding.id] = holding }
            return engine.heldByReboot.map { "keep " + Words.of($0) }
        default: throw Script.Malformed(line: verb, problem: "no such command")
        }
    }

    /// Groups of words apart by semicolons: `web-0@3 running v1 ; db-0@1 removed`.
    private func assigned(_ words: [String]) throws -> [Assigned] {
        try words.split(separator: ";").map { group in
            let (id, generation) = try ScriptWords.instance(group.first ?? "")
            let words = ScriptWords(Array(group.dropFirst()))
            let desired =
                words.plain.lazy.compactMap { Instance.Desired(rawValue: $0) }.first ?? .running
            let name = id.rawValue.split(separator: "-").first.map(String.init) ?? ""
            return Assigned(
                instance: id, generation: generation, desired: desired,
                workload: try words.workload(name), image: nil, removeVolumes: words.has("volumes"))
        }
    }

    /// `m-1 web-0@4 source copy [undo] [v2] [live [postcopy] [certain] [gone]]`.
    private func order(_ words: [String]) throws -> MoveOrderNote {
        guard words.count >= 4, let phase = Move.Phase(rawValue: words[3]) else {
            throw Script.Malformed(
                line: words.joined(separator: " "), problem: "order MOVE INSTANCE ROLE PHASE")
        }
        let assigned = try assigned([words[1], "running"] + words.dropFirst(4)).first
        guard let assigned else { throw Script.Malformed(line: words[1], problem: "no instance") }
        let isSource = words[2] == "source"
        let begun = try words.dropFirst(4).compactMap { word -> Generation? in
            guard word.hasPrefix("begun=") else { return nil }
            return try ScriptWords.instance("x@" + word.dropFirst(6)).1
        }.first
        return MoveOrderNote(
            move: Move(
                id: MoveID(words[0]), instance: assigned.instance, kind: assigned.workload.kind,
                source: HostID(isSource ? "b" : "a"),
                target: HostID(isSource ? "c" : "b"),
                mode: words.lazy.compactMap { MoveMode(rawValue: $0) }.first ?? .restart,
                generation: begun ?? assigned.generation,
                plan: nil),
            role: isSource ? .source : .target, phase: phase, undo: words.contains("undo"),
            assigned: assigned, sourceAddress: "a:1",
            endpoint: words.contains("live") ? ScriptWords.endpoint : nil,
            credentials: words.contains("live") ? ScriptWords.credentials : nil,
            streams: words.contains("streams") ? 2 : 1,
            takesPostcopy: words.contains("postcopy"),
            source: MoveSource(hasLetGo: words.contains("certain"), isGone: words.contains("gone")))
    }

    /// `web-0@3:running db-0@1:exited:137`, or nothing.
    private func seen(_ words: [String]) throws -> [SeenInstance] {
        try words.map { word in
            let parts = word.split(separator: ":").map(String.init)
            let (id, incarnation) = try ScriptWords.instance(parts.first ?? "")
            let code = parts.count > 2 ? Int(parts[2]) ?? 0 : 0
            return SeenInstance(
                id: id, incarnation: incarnation,
                state: parts.dropFirst().first == "running" ? .running : .exited(code: code))
        }
    }

    private mutating func finish(
        _ id: String?, _ failure: String?, _ verdict: CheckpointVerdict? = nil,
        isLost: Bool = false
    ) -> [String] {
        guard let id, let operation = operations.removeValue(forKey: InstanceID(id)) else {
            return ["nothing is under way"]
        }
        var endpoint: MoveEndpoint?
        if case .receive(_, _, _, let streams, let takesPostcopy) = operation.verb, failure == nil {
            endpoint = ScriptWords.endpoint(over: streams, takesPostcopy: takesPostcopy)
        }
        return handle(
            .finished(
                operation, failure: failure, endpoint: endpoint,
                measure: MoveMeasure(isLost: isLost), verdict: verdict))
    }

    private mutating func handle(_ event: AgentEvent, quietly: Bool = false) -> [String] {
        let effects = engine.handle(event, at: now)
        for effect in effects {
            switch effect {
            case .keep(let holding): kept[holding.id] = holding
            case .drop(let id): kept[id] = nil
            case .noteHeard(let at): heardAt = at
            case .perform(let operation): operations[operation.instance] = operation
            case .probe, .prove, .flush, .report, .answerMove, .interrupt: break
            }
        }
        if effects.isEmpty { return quietly ? [] : ["nothing"] }
        let moment = quietly ? "\(now.milliseconds / 1000 - 100)s " : ""
        return effects.map { moment + Words.of($0) }
    }
}
