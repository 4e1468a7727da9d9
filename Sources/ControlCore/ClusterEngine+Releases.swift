import ClusterModel

extension ClusterEngine {
    /// Carries a plan that empties hosts one wave further: a host after the other, each empty or as it was.
    mutating func advance(_ record: PlanRecord, through waves: [Wave]) {
        guard let release = record.release, waves.indices.contains(release.wave) else {
            return begin(wave: 0, of: record, waves)
        }
        let wave = waves[release.wave]
        switch release.stage {
        case .moving:
            switch drive(wave.steps, of: record, within: Set(wave.steps.flatMap(\.hosts))) {
            case .goesOn: return
            case .done: arrived(release, of: record, waves)
            case .failed(let why): undo(wave, of: record, because: why)
            case .halted(let why): halt(wave, of: record, because: why)
            }
        case .watching:
            guard isTick else { return }
            if record.origin == .loop, let hot = hotHost {
                var kept = release
                kept.stage = .kept
                return finish(put(kept, in: record), .stale, "host \(hot) is hot")
            }
            switch verdict(on: release, of: wave) {
            case .waits: return
            case .good: keep(release, of: record, waves)
            case .bad(let troubles): trip(release, wave, of: record, troubles)
            }
        case .kept: begin(wave: release.wave + 1, of: record, waves)
        case .undoing, .undone, .left: return
        }
    }

    /// Begins a wave if its whole host will be empty, and nothing speaks against it.
    private mutating func begin(wave number: Int, of record: PlanRecord, _ waves: [Wave]) {
        guard number < waves.count else { return finish(record, .done, "") }
        let wave = waves[number]
        if let doubt = self.doubt(about: wave, of: record) { return finish(record, .stale, doubt) }
        let release = Release(
            wave: number, host: wave.host, stage: .moving, since: now,
            before: isGuarded(record) ? before(wave) : [])
        let begun = put(release, in: record)
        // The first steps begin with the same decision.
        advance(begun, through: waves)
    }

    @discardableResult
    mutating func put(_ release: Release, in record: PlanRecord) -> PlanRecord {
        var changed = record
        changed.release = release
        change(.putPlan(changed))
        return changed
    }

    /// Why `wave` is not begun; each of its hosts is as it was, so the plan just ends.
    private func doubt(about wave: Wave, of record: PlanRecord) -> String? {
        if let changed = staleness(of: record.plan) ?? hindrance(of: record) { return changed }
        if record.origin == .loop, let hot = hotHost { return "host \(hot) is hot" }
        for host in wave.targets.sorted() where hostState(host) != .ready {
            return "host \(host) is \(hostState(host).rawValue)"
        }
        let origins = wave.origins
        if let host = wave.host {
            let staying = state.instances(on: host).first { origins[$0.id] == nil }
            if let staying { return "\(staying.id) would stay on \(host)" }
        }
        for (id, _) in origins.sorted(by: { $0.key < $1.key }) {
            guard let instance = state.instances[id]?.value else { return "\(id) is gone" }
            switch observations.observed(instance) {
            case .running, .unhealthy: continue
            case .pending, .starting, .stopped, .failed, .unknown, .held:
                return "\(id) is \(observations.observed(instance).word)"
            }
        }
        return nil
    }

    /// Everything of a wave has arrived: it is watched for a while, or the next begins.
    private mutating func arrived(_ release: Release, of record: PlanRecord, _ waves: [Wave]) {
        var next = release
        next.since = now
        next.stage = isGuarded(record) ? .watching : .kept
        let changed = put(next, in: record)
        if next.stage == .kept { advance(changed, through: waves) }
    }

    private mutating func keep(_ release: Release, of record: PlanRecord, _ waves: [Wave]) {
        var next = release
        next.stage = .kept
        next.since = now
        advance(put(next, in: record), through: waves)
    }

    /// An operator stopped it: what moved stays where it is until the next pack. Else it is undone.
    private mutating func halt(_ wave: Wave, of record: PlanRecord, because why: String) {
        guard let veto = self.veto(of: record) else { return undo(wave, of: record, because: why) }
        leave(wave, of: record, .stale, because: veto)
    }

    private mutating func leave(
        _ wave: Wave, of record: PlanRecord, _ state: PlanRecord.State, because why: String
    ) {
        var ended = record
        let moved = returns(of: wave, in: record.plan)
        ended.release?.stage = moved.isEmpty ? .undone : .left
        finish(ended, state, moved.isEmpty ? why : "\(why); \(Self.words(staying: moved))")
    }

    /// Ends the plan, and brings back what `wave` moved.
    mutating func undo(_ wave: Wave, of record: PlanRecord, because why: String) {
        guard !isCancelledByItsUser(record) else {
            return leave(wave, of: record, .failed, because: why)
        }
        if let veto = self.veto(of: record) {
            return leave(wave, of: record, .failed, because: "\(why); \(veto)")
        }
        var ended = record
        let returns = returns(of: wave, in: record.plan)
        guard !returns.isEmpty else {
            ended.release?.stage = .undone
            return finish(ended, .failed, why)
        }
        ended.release?.stage = .undoing
        ended.release?.since = now
        ended.release?.returns = returns
        let names = returns.map(\.instance.rawValue).joined(separator: ", ")
        finish(ended, .failed, "\(why); \(names) \(returns.count == 1 ? "goes" : "go") back")
        if let stored = state.plans[record.plan.id] { tendUndoing(stored) }
    }

    /// What of `wave` has moved, and where it was before.
    private func returns(of wave: Wave, in plan: Plan) -> [Release.Return] {
        wave.origins.sorted { $0.key < $1.key }.compactMap { id, origin in
            guard let host = state.instances[id]?.value.host, host != origin else { return nil }
            return Release.Return(instance: id, host: origin)
        }
    }

    private func isCancelledByItsUser(_ record: PlanRecord) -> Bool {
        record.origin == .user && isCancelled(record.plan.id)
    }

    /// Whether somebody cancelled a move of `plan`.
    func isCancelled(_ plan: PlanID) -> Bool {
        state.moves.values.contains {
            $0.move.plan == plan && $0.outcome == .rolledBack(reason: MoveEngine.cancelled)
        }
    }

    /// Ends a plan of the loop that only watches what it did, for one that a user runs; `false` where it does more.
    mutating func giveWay(_ plan: Plan, to id: PlanID) -> Bool {
        guard let record = state.plans[plan.id], record.origin == .loop,
            var release = record.release, release.stage == .watching
        else { return false }
        release.stage = .kept
        finish(put(release, in: record), .stale, "\(id) came first")
        return true
    }

    static func words(staying returns: [Release.Return]) -> String {
        let names = returns.map(\.instance.rawValue).joined(separator: ", ")
        return "\(names) \(returns.count == 1 ? "stays" : "stay") where moved to"
    }
}
