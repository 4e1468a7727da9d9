import ClusterModel

/// How far a copy that nobody can reach is with showing that it is well, before it takes the address over.
struct Proof: Hashable, Sendable {
    let since: Instant
    /// When it is asked next; far off while an answer is awaited.
    var nextAt: Instant
    /// What its check last said.
    var reason: String?

    /// A program that cannot do its work often says so by ending at once; without a check that is all there is.
    static let settling = Duration.seconds(5)
    private static let pause = Duration.seconds(1)
    /// For an answer that was lost; checks take five seconds at most.
    private static let answerPatience = Duration.seconds(15)
    /// A program that starts slowly, and has no check, or one that is patient enough elsewhere.
    private static let least = Duration.seconds(60)
    /// Far below what the coordinator waits for a copy.
    private static let most = Duration.seconds(600)

    init(since: Instant) {
        self.since = since
        nextAt = since
    }

    mutating func asked(at now: Instant) { nextAt = now.advanced(by: Self.answerPatience) }

    mutating func failed(_ reason: String, at now: Instant) {
        self.reason = reason
        nextAt = now.advanced(by: Self.pause)
    }

    /// How long the check may fail: as long as an instance that runs is allowed to, within bounds.
    static func patience(with check: HealthCheck?) -> Duration {
        guard let check else { return least }
        let fails = Int64(min(check.fails, 1_000))
        let allowed = Duration.milliseconds(min(check.every.milliseconds, 3_600_000) * fails)
        return min(max(allowed, least), most)
    }
}

extension MoveOrderNote {
    /// Whether the order is done only once the copy that it started is well.
    var asksForProof: Bool { move.overlaps && phase == .copy && role == .target && !undo }
}

/// The part of a host in a move whose copies overlap.
extension AgentEngine {
    /// The verbs of a move that overlaps: the target starts a copy apart, the source is held, the target connected.
    func overlappingVerb(for order: MoveOrderNote) -> AgentOperation.Verb? {
        let assigned = order.assigned
        let kind = assigned.workload.kind
        let held = instances[assigned.instance]?.holding
        switch (order.phase, order.role, order.undo) {
        case (_, .target, true): return held == nil ? nil : .remove(kind, volumes: [])
        case (_, .source, true):
            let own = (held?.assigned ?? assigned).with(.running, assigned.generation)
            return .resume(own, incarnation: held?.incarnation ?? assigned.generation)
        case (.preflight, .target, false): return .preflight(assigned)
        case (.prepare, .target, false): return .prepareLive(assigned, ahead: nil)
        case (.copy, .target, false):
            return .startApart(
                assigned.with(.running, assigned.generation), incarnation: order.move.generation)
        case (.switchOver, .source, false): return .hold(assigned)
        case (.confirm, .target, false): return .connect(assigned)
        case (.release, .source, false): return held == nil ? nil : .remove(kind, volumes: [])
        case (.preflight, .source, false), (.prepare, .source, false), (.copy, .source, false),
            (.switchOver, .target, false), (.confirm, .source, false), (.release, .target, false):
            return nil
        }
    }

    /// Asks the copies that have to be well whether they are, and gives up those that take too long.
    mutating func seekProof(at now: Instant) {
        for id in moves.keys.sorted() where moves[id]?.progress == .proving {
            seekProof(of: id, now)
        }
    }

    private mutating func seekProof(of id: InstanceID, _ now: Instant) {
        guard let part = moves[id], instances[id]?.busy == nil else { return }
        var proof = part.proof ?? Proof(since: now)
        moves[id]?.proof = proof
        let check = part.order.assigned.workload.program.check
        switch instances[id]?.seen {
        case .running: break
        case .exited(let code): return disprove(id, "the new copy ended with code \(code)")
        case nil: return disprove(id, "the new copy is gone")
        }
        let patience = Proof.patience(with: check)
        guard now.since(proof.since) < patience else {
            let reason = proof.reason ?? "its check did not answer"
            return disprove(
                id, "the new copy is not well after \(patience.milliseconds / 1_000) s: \(reason)")
        }
        guard let check else {
            if now.since(proof.since) >= Proof.settling { prove(id) }
            return
        }
        guard now >= proof.nextAt else { return }
        proof.asked(at: now)
        moves[id]?.proof = proof
        effects.append(.prove(id, part.order.move.id, check))
    }

    /// What the check of a copy apart came to; one that speaks of an earlier move's copy says nothing of this one's.
    mutating func proved(_ id: InstanceID, _ move: MoveID, _ failure: String?, _ now: Instant) {
        guard let part = moves[id], part.progress == .proving, part.order.move.id == move
        else { return }
        guard let failure else { return prove(id) }
        moves[id]?.proof?.failed(failure, at: now)
    }

    private mutating func prove(_ id: InstanceID) {
        guard let part = moves[id] else { return }
        moves[id]?.progress = .succeeded
        succeed(part.order)
    }

    private mutating func disprove(_ id: InstanceID, _ reason: String) {
        guard let part = moves[id] else { return }
        moves[id]?.progress = .failed
        moves[id]?.proof = nil
        answer(part.order, reason)
    }
}
