import ClusterModel

extension ClusterEngine {
    // MARK: - Watching

    /// Takes what `host` used over the last interval.
    mutating func watchLoad(of host: HostID, _ use: Use) {
        let thresholds = LoadWatch.Thresholds(state.policy.value)
        observations.update(host) { [now] seen in
            guard let capacity = seen.capacity else { return }
            seen.load.note(
                CPU(millicores: use.cpu.mean), of: capacity.allocatable.cpu, by: thresholds,
                at: now)
        }
    }

    /// The hosts of `plan` carry something else than before, so nothing that was seen of them holds.
    mutating func watchAnew(_ plan: Plan) {
        let states = stepStates(of: plan)
        let touched = plan.steps.filter { states[$0.id] != nil }.flatMap(\.hosts)
        for host in Set(touched) where observations.hosts[host] != nil {
            observations.update(host) { [now] in $0.load.startOver(at: now) }
        }
    }

    // MARK: - Deciding

    /// Why nothing starts by itself now; `nil` when it may.
    package var hindrance: String? {
        veto ?? (state.policy.value.window.isOpen(at: now) ? nil : "the window is closed")
    }

    /// Why nothing that began by itself goes on.
    ///
    /// The window says when something may start: a host that was begun is emptied after it has closed, or brought back.
    package var veto: String? {
        switch state.policy.value.mode {
        case .off: return "the mode is off"
        case .suggest: return "the mode is suggest"
        case .auto: return state.isPaused ? "automatic moves are paused" : nil
        }
    }

    /// The same for one plan: an operator's word about automatic moves says nothing of those that a user asked for.
    func veto(of record: PlanRecord) -> String? { record.origin == .loop ? veto : nil }

    /// Looks for a hot host, else for cold ones, and asks for a plan; one at a time.
    mutating func tendLoad() {
        let policy = state.policy.value
        let stretches = policy.mode == .off ? [] : stretches()
        let isBroken = decided.loop.isAnythingBroken
        decided.loop.refresh(policyChanged: state.policy.changed, at: now) { reason in
            reason == .repair
                ? isBroken : stretches.contains { $0.concerns(reason) }
        }
        giveUpLatePlanning()
        guard policy.mode != .off, !isLoopBusy else { return }
        let mayStart = hindrance == nil
        guard let occasion = occasion(stretches, policy, mayStart: mayStart) else { return }
        let task: PlanTask
        switch occasion.reason {
        case .relieve(let host): task = .relieve(host)
        case .repair: task = .repair
        case .pack, .drain, .place, .move: task = .pack
        }
        if occasion.isLook {
            decided.loop.looked(at: now)
        } else {
            decided.loop.asked(occasion.reason, mayStart: mayStart, at: now)
        }
        requestLoopPlan(task, occasion)
    }

    private mutating func requestLoopPlan(_ task: PlanTask, _ occasion: LoopOccasion) {
        let id = occasion.isLook ? lookID() : planID("p")
        var job = PlanJob(
            id: id, task: task, snapshot: calmSnapshot(for: task), policy: state.policy.value,
            policyChanged: state.policy.changed, seed: planningSeed)
        job.origin = .loop
        decided.planning[id] = Planning(request: nil, job: job, occasion: occasion, since: now)
        effect(.plan(job))
    }

    /// A host that is ready, has instances, is in no running plan, and has been hot or cold for some time.
    private struct HostStretch {
        let host: HostID
        let stretch: LoadWatch.Stretch

        func concerns(_ reason: Plan.Reason) -> Bool {
            switch reason {
            case .relieve(let hot): hot == host && stretch.heat == .hot
            case .pack: stretch.heat == .cold
            case .drain, .repair, .place, .move: false
            }
        }
    }

    private func stretches() -> [HostStretch] {
        let occupied = Set(state.instances.values.compactMap(\.value.host))
        let thresholds = LoadWatch.Thresholds(state.policy.value)
        let busy = Set(
            state.plans.values.filter { $0.state == .running }
                .flatMap { $0.plan.steps.flatMap(\.hosts) })
        return occupied.subtracting(busy).sorted().compactMap { host in
            guard hostState(host) == .ready,
                let stretch = observations.hosts[host]?.load.stretch(by: thresholds, at: now),
                stretch.heat != .mild
            else { return nil }
            return HostStretch(host: host, stretch: stretch)
        }
    }

    private mutating func occasion(
        _ stretches: [HostStretch], _ policy: Policy, mayStart: Bool
    ) -> LoopOccasion? {
        func lasting(_ heat: LoadWatch.Heat, _ hold: Duration) -> [HostStretch] {
            stretches.filter {
                $0.stretch.heat == heat && $0.stretch.lasted >= hold
            }
        }
        let hot = lasting(.hot, policy.hotHold).sorted {
            ($1.stretch.cpu, $0.host) < ($0.stretch.cpu, $1.host)
        }
        for found in hot {
            let reason = Plan.Reason.relieve(found.host)
            guard isDue(reason, hold: policy.hotHold, mayStart) else { continue }
            let words = LoopWords.hot(found.stretch, above: policy.hotCPU)
            return LoopOccasion(reason, words, mayStart: mayStart)
        }
        // While a host is hot, none is emptied onto others, and rules wait; but not for one that nothing helps.
        guard hot.allSatisfy({ isHopeless($0.host) }), !isUndoing else { return nil }
        if let occasion = repairOccasion(mayStart: mayStart) { return occasion }
        guard
            let coldest = lasting(.cold, policy.coldHold).min(by: {
                ($0.stretch.cpu, $0.host) < ($1.stretch.cpu, $1.host)
            }), isAnythingElsewhere(than: coldest.host), isDue(.pack, hold: .zero, mayStart)
        else { return nil }
        let words = LoopWords.cold(coldest.stretch, below: policy.coldCPU)
        return LoopOccasion(.pack, "\(coldest.host): \(words)", mayStart: mayStart)
    }

    /// Whether relief of a hot host came to nothing of late, or waits for an operator.
    private func isHopeless(_ host: HostID) -> Bool {
        let relief = Plan.Reason.relieve(host)
        if hindrance != nil, !suggestions(of: relief).isEmpty { return true }
        return decided.loop.isHopeless(relief, hold: state.policy.value.hotHold, at: now)
    }

    func isDue(_ reason: Plan.Reason, hold: Duration, _ mayStart: Bool) -> Bool {
        guard
            decided.loop.isDue(reason, hold: hold, mayStart: mayStart, at: now, in: state.revision)
        else { return false }
        // A suggestion that still holds stands for a while: who looks at it may run it.
        guard !mayStart, suggestions(of: reason).contains(where: { staleness(of: $0) == nil }),
            let waited = decided.loop.waited(reason, at: now)
        else { return true }
        return waited >= ControlLimits.fruitlessRest
    }

    private func isAnythingElsewhere(than host: HostID) -> Bool {
        state.instances.values.contains { $0.value.host != nil && $0.value.host != host }
    }

    private var isLoopBusy: Bool {
        decided.planning.values.contains { $0.occasion != nil }
            || state.plans.values.contains { $0.origin == .loop && $0.state == .running }
    }

    /// Nobody waits for an answer that was lost, so a new one may be asked for.
    private mutating func giveUpLatePlanning() {
        let late = decided.planning.filter { _, planning in
            (planning.occasion != nil || planning.undoes != nil
                || planning.job.task.resting != nil)
                && now.since(planning.since ?? now) >= ControlLimits.planningPatience
        }
        for (id, planning) in late {
            decided.planning[id] = nil
            if planning.occasion?.reason == .repair { decided.loop.unjudge() }
        }
    }

    // MARK: - Answers of planner and audit

    /// A plan that the loop asked for was refused by the planner.
    mutating func loopRefused(_ occasion: LoopOccasion, _ reason: String) {
        if occasion.reason == .repair { decided.loop.unjudge() }
        fruitless(occasion, reason)
    }

    /// A plan that the loop asked for was audited: it is run, or shown, or nothing comes of it.
    mutating func loopAudited(_ plan: Plan, _ occasion: LoopOccasion, _ findings: [String]) {
        guard findings.isEmpty else {
            if occasion.reason == .repair { decided.loop.unjudge() }
            return fruitless(occasion, "refused by the audit: \(findings.joined(separator: "; "))")
        }
        var occasion = occasion
        if occasion.reason == .repair {
            decided.loop.found(plan.broken, at: now)
            // What was only looked at may be due soon, whatever else happens.
            if occasion.isLook { return }
            guard let words = brokenWords(plan) else {
                return decided.loop.answered(.repair, in: state.revision)
            }
            occasion = LoopOccasion(.repair, words, mayStart: occasion.mayStart)
        }
        guard !plan.steps.isEmpty else { return fruitless(occasion, nil) }
        if let spent = spent(by: plan) {
            return fruitless(occasion, "\(spent) would move more often than it may in a day")
        }
        // What changed meanwhile asks for another plan, a little later.
        guard staleness(of: plan) == nil else { return }
        if let hindrance {
            suggest(plan, occasion, because: hindrance)
        } else if rival(of: plan) == nil {
            replaceSuggestions(of: occasion.reason, by: plan.id)
            decided.loop.succeeded(occasion.reason)
            begin(PlanRecord(plan: plan, state: .stored, reason: occasion.words, origin: .loop))
            occurred(.plan(plan.id), "begins by itself: \(occasion.telling(plan))")
        }
        decided.loop.answered(occasion.reason, in: state.revision)
    }

    /// Stores a plan for an operator to look at, unless the very same waits for one already.
    private mutating func suggest(
        _ plan: Plan, _ occasion: LoopOccasion, because hindrance: String
    ) {
        decided.loop.succeeded(occasion.reason)
        let isKnown = suggestions(of: occasion.reason).contains {
            $0.steps == plan.steps && staleness(of: $0) == nil
        }
        guard !isKnown else { return }
        replaceSuggestions(of: occasion.reason, by: plan.id)
        change(
            .putPlan(
                PlanRecord(plan: plan, state: .stored, reason: occasion.words, origin: .loop)))
        prunePlans()
        let why = state.policy.value.mode == .auto ? ", because \(hindrance)" : ""
        occurred(.plan(plan.id), "is suggested\(why): \(occasion.telling(plan))")
    }

    private func suggestions(of reason: Plan.Reason) -> [Plan] {
        state.plans.values.filter {
            $0.origin == .loop && $0.state == .stored && $0.plan.reason == reason
        }.map(\.plan).sorted { $0.id < $1.id }
    }

    /// Earlier suggestions of the same kind are over: they were made from an older picture.
    private mutating func replaceSuggestions(of reason: Plan.Reason, by id: PlanID) {
        for old in suggestions(of: reason) {
            guard var record = state.plans[old.id] else { continue }
            record.state = .stale
            record.reason = "\(id) took its place"
            change(.putPlan(record))
        }
    }

    /// Nothing comes of it; an operator is told once, not at each try.
    private mutating func fruitless(_ occasion: LoopOccasion, _ reason: String?) {
        defer { decided.loop.answered(occasion.reason, in: state.revision) }
        guard
            occasion.isLook
                ? decided.loop.failedToLook() : decided.loop.failedToFind(occasion.reason)
        else { return }
        switch occasion.reason {
        case .relieve(let host):
            let why = reason ?? "nothing on it may go elsewhere now"
            occurred(.host(host), "is hot (\(occasion.words)), and \(why)", .warning)
        case .repair where occasion.isLook:
            let why = reason ?? "the look found nothing"
            occurred(.cluster, "cannot be looked at for broken rules: \(why)", .warning)
        case .repair:
            let why = reason ?? "no move repairs that now"
            occurred(.cluster, "is not as its rules say (\(occasion.words)): \(why)", .warning)
        case .pack, .drain, .place, .move:
            let why = reason ?? "no move frees a host now and pays for itself"
            occurred(.cluster, "is not packed (\(occasion.words)): \(why)")
        }
    }

    // MARK: - What stops it

    /// Why no further step of a plan begins that is not its own fault; its moves under way end first.
    package func hindrance(of record: PlanRecord) -> String? {
        guard record.origin == .loop else { return nil }
        let isBegun = record.release?.stage == .moving || record.plan.reason == .repair
        return isBegun ? veto : hindrance
    }

    /// A host that has been hot for as long as it takes to be relieved, unless nothing relieves it.
    var hotHost: HostID? {
        let policy = state.policy.value
        let thresholds = LoadWatch.Thresholds(policy)
        return observations.hosts.filter { host, seen in
            guard let stretch = seen.load.stretch(by: thresholds, at: now) else { return false }
            return stretch.heat == .hot && stretch.lasted >= policy.hotHold
                && hostState(host) == .ready && !isHopeless(host)
        }.keys.min()
    }

    mutating func pause(_ isPaused: Bool, _ request: RequestID) {
        let word = isPaused ? "paused" : "not paused"
        guard state.isPaused != isPaused else {
            let notes = ["automatic moves were \(word) already"]
            return answer(request, .changed(state.revision, notes: notes))
        }
        change(isPaused ? .pause : .resume)
        occurred(.cluster, isPaused ? "automatic moves are paused" : "automatic moves go on")
        var notes: [String] = []
        if let hindrance, !isPaused { notes.append("nothing starts by itself: \(hindrance)") }
        if isPaused, isLoopBusy { notes.append("moves under way go on to their end") }
        answer(request, .changed(state.revision, notes: notes))
    }
}
