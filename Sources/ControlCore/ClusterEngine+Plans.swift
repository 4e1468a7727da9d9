package import ClusterModel

extension ClusterEngine {
    // MARK: - Making plans

    mutating func requestPlan(_ task: PlanTask, _ request: RequestID?) {
        if let refusal = refusal(of: task) { return answer(request, .refused(refusal)) }
        let id = planID("p")
        let job = PlanJob(
            id: id, task: task, snapshot: snapshot(), policy: state.policy.value,
            policyChanged: state.policy.changed, seed: planningSeed)
        decided.planning[id] = Planning(request: request, job: job)
        effect(.plan(job))
    }

    /// A name that no plan had, be it stored, in the making or given up.
    mutating func planID(_ kind: String) -> PlanID {
        decided.lastPlanning = max(decided.lastPlanning, state.nextPlan - 1) + 1
        return PlanID("\(kind)-\(decided.lastPlanning)")
    }

    private func refusal(of task: PlanTask) -> RequestRefusal? {
        switch task {
        case .pack, .repair: return nil
        case .relieve(let host), .drain(let host, _):
            return state.hosts[host] == nil
                ? RequestRefusal(.notFound, "there is no host \(host)") : nil
        case .place, .undo, .rest:
            return RequestRefusal(.invalid, "such a plan is not asked for by itself")
        case .move(let instance, let host, _):
            guard let known = state.instances[instance]?.value else {
                return RequestRefusal(.notFound, "there is no instance \(instance)")
            }
            if let host, state.hosts[host] == nil {
                return RequestRefusal(.notFound, "there is no host \(host)")
            }
            if known.host == nil {
                return RequestRefusal(.conflict, "\(instance) is not on a host yet")
            }
            if host == known.host {
                return RequestRefusal(
                    .conflict, "\(instance) is on \(known.host?.rawValue ?? "") already")
            }
            return nil
        }
    }

    mutating func planned(_ id: PlanID, _ result: PlanningResult) {
        guard var planning = decided.planning[id] else { return }
        switch result {
        case .refused(let reason):
            decided.planning[id] = nil
            if let occasion = planning.occasion { return loopRefused(occasion, reason) }
            if planning.undoes != nil { return }
            // What was applied is applied; only its place is missing.
            if case .place(let instances, _) = planning.job.task {
                return unplaced(instances, planning)
            }
            let endless = endless(of: planning.job).map { "; \($0)" } ?? ""
            refuse(planning.request, .conflict, reason + endless)
        case .plan(let plan):
            planning.plan = plan
            decided.planning[id] = planning
            effect(.audit(plan, of: planning.job))
        }
    }

    mutating func audited(_ id: PlanID, _ findings: [String]) {
        guard let planning = decided.planning.removeValue(forKey: id), let plan = planning.plan
        else { return }
        if let occasion = planning.occasion { return loopAudited(plan, occasion, findings) }
        if let undoes = planning.undoes { return undoAudited(plan, of: undoes, findings) }
        if let host = planning.job.task.resting { return restAudited(host, plan, findings) }
        guard findings.isEmpty else {
            occurred(
                .plan(id), "refused by the audit: \(findings.joined(separator: "; "))", .failure)
            if case .place = planning.job.task {
                displacingRefused(plan)
                // That it was refused is no reason to ask for the very same again.
                decided.lastPlacing = placingMark
            }
            return refuse(
                planning.request, .defect,
                "the plan broke its own rules: \(findings.joined(separator: "; "))")
        }
        if case .place = planning.job.task { return placed(plan, planning) }
        let record = PlanRecord(plan: plan, state: .stored)
        change(.putPlan(record))
        prunePlans()
        answer(planning.request, .plan(record))
    }

    /// Keeps the newest stored plans; a running one always stays.
    mutating func prunePlans() {
        let ended = state.plans.values
            .filter { $0.state != .running && $0.release?.stage != .undoing }.map(\.plan.id)
            .sorted(by: ClusterState.isEarlier)
        for id in ended.dropLast(ControlLimits.keptPlans) { change(.removePlan(id)) }
    }

    // MARK: - Running plans

    mutating func run(_ id: PlanID, _ request: RequestID) {
        guard var record = state.plans[id] else {
            return refuse(request, .notFound, "there is no plan \(id)")
        }
        guard record.state == .stored else {
            return refuse(
                request, .conflict, "plan \(id) is \(record.state.rawValue), so it is not run again"
            )
        }
        if let changed = staleness(of: record.plan) {
            record.state = .stale
            record.reason = changed
            change(.putPlan(record))
            return refuse(request, .conflict, "plan \(id) is stale: \(changed)")
        }
        while let other = rival(of: record.plan) {
            if giveWay(other, to: id) { continue }
            return refuse(
                request, .conflict,
                "plan \(other.id) runs and has steps left on the same hosts; wait for its end")
        }
        record.origin = .user
        record = begin(record)
        occurred(.plan(id), "runs: \(record.plan.steps.count) step(s)")
        answer(request, .plan(record))
    }

    /// From now on the steps of `stored` begin as soon as they may.
    @discardableResult
    mutating func begin(_ stored: PlanRecord) -> PlanRecord {
        var record = stored
        record.state = .running
        change(.putPlan(record))
        for entry in record.plan.rationale { decided.rationale[entry.instance] = entry }
        return record
    }

    /// A running plan that still counts on a host that `plan` counts on too.
    func rival(of plan: Plan) -> Plan? {
        let hosts = plan.hostsRead
        return state.plans.values.filter { $0.state == .running }.map(\.plan).sorted {
            $0.id < $1.id
        }
        .first { other in
            let states = stepStates(of: other)
            return other.steps.contains { step in
                states[step.id] != .done && step.hosts.contains(where: hosts.contains)
            }
        }
    }

    /// What of the things `plan` read has changed since, in words; `nil` while it still holds.
    ///
    /// Its own finished moves changed their instances, which is what it said they would. With `hosts`, only what is on
    /// these is looked at: what was begun as a whole is not ended by what happens elsewhere.
    func staleness(of plan: Plan, within hosts: Set<HostID>? = nil) -> String? {
        let states = stepStates(of: plan)
        let own = Set(plan.steps.filter { states[$0.id] != nil }.map(\.instance))
        for read in plan.reads {
            switch read.subject {
            case .policy where hosts == nil && state.policy.changed > read.revision:
                return "the policy has changed"
            case .host(let host) where hosts?.contains(host) ?? true:
                guard let known = state.hosts[host] else { return "host \(host) is gone" }
                if known.changed > read.revision { return "host \(host) has changed" }
            case .instance(let instance)
            where !own.contains(instance) && (hosts.map { isOn($0, instance) } ?? true):
                guard let known = state.instances[instance] else { return "\(instance) is gone" }
                let rules = state.workloads[known.value.workload]?.changed ?? .zero
                if max(known.changed, rules) > read.revision { return "\(instance) has changed" }
            case .policy, .host, .instance: break
            }
        }
        return arrival(since: plan, own, on: hosts ?? plan.hostsRead)
    }

    private func isOn(_ hosts: Set<HostID>, _ instance: InstanceID) -> Bool {
        state.instances[instance]?.value.host.map(hosts.contains) ?? false
    }

    /// An instance that came, or is coming, to one of `hosts` since the plan was made.
    private func arrival(
        since plan: Plan, _ own: Set<InstanceID>, on hosts: Set<HostID>
    ) -> String? {
        let read = Set(plan.reads.map(\.subject))
        func isNew(_ id: InstanceID) -> Bool {
            guard !own.contains(id), !read.contains(.instance(id)) else { return false }
            return state.instances[id].map { $0.changed > plan.parent } ?? false
        }
        let present = state.instances.values.map(\.value).filter {
            $0.host.map(hosts.contains) ?? false
        }.map(\.id)
        let coming = state.movesUnderWay.map(\.move).filter {
            hosts.contains($0.target) && $0.plan != plan.id
        }
        .map(\.instance)
        return (present + coming).filter(isNew).min().map { "\($0) came to one of its hosts" }
    }

    /// What has become of every step of `plan`, nothing of one that waits; it follows from the moves and from where instances are.
    package func stepStates(of plan: Plan) -> [Step.StepID: PlanProgressNote.StepState] {
        var ends: [Journey: PlanProgressNote.StepState] = [:]
        for record in state.moves.values where record.move.plan == plan.id {
            let journey = Journey(record.move.instance, record.move.target)
            if record.isUnderWay {
                if ends[journey] != .done { ends[journey] = .running }
            } else if record.outcome == .done {
                ends[journey] = .done
            } else if ends[journey] == nil {
                ends[journey] = .failed
            }
        }
        var states: [Step.StepID: PlanProgressNote.StepState] = [:]
        for step in plan.steps {
            switch step.action {
            case .move(let id, _, let target, _): states[step.id] = ends[Journey(id, target)]
            case .start(let id, let host):
                let instance = state.instances[id]?.value
                if instance?.host == host, instance?.desired == .running {
                    states[step.id] = .done
                }
            case .stop(let id, let host): states[step.id] = stopState(of: id, on: host)
            }
        }
        return states
    }

    private struct Journey: Hashable {
        let instance: InstanceID
        let target: HostID

        init(_ instance: InstanceID, _ target: HostID) {
            self.instance = instance
            self.target = target
        }
    }

    /// Starts every step whose predecessors are done, and ends plans that have nothing left to do.
    mutating func advancePlans() {
        for record in state.plans.values.filter({ $0.state == .running }).sorted(by: {
            $0.plan.id < $1.plan.id
        }) {
            advance(record)
        }
        tendUndoings()
    }

    private mutating func advance(_ record: PlanRecord) {
        let id = record.plan.id
        let waves = decided.waves[id] ?? record.plan.waves
        decided.waves[id] = waves
        guard waves.isEmpty else { return advance(record, through: waves) }
        switch drive(record.plan.steps, of: record, within: nil) {
        case .goesOn: return
        case .done: finish(record, .done, "")
        case .failed(let why): finish(record, .failed, why)
        case .halted(let why): finish(record, .stale, why)
        }
    }

    /// What became of steps that were to go on.
    enum Course: Hashable, Sendable {
        case goesOn
        case done
        case failed(String)
        /// No step may begin any more, with why.
        case halted(String)
    }

    /// Starts each of `steps` whose predecessors are done; moves under way are waited for whatever happens.
    ///
    /// `hosts` are those on which a change ends it; `nil` for all that the plan read.
    mutating func drive(
        _ steps: [Step], of record: PlanRecord, within hosts: Set<HostID>?
    ) -> Course {
        let plan = record.plan
        var states = stepStates(of: plan)
        var isChecked = false
        var waiting: WaitingStep?
        defer {
            tell(of: waiting, of: plan, isUnderWay: states.values.contains(.running))
        }
        for step in steps {
            if states.values.contains(.failed) { break }
            guard (states[step.id] ?? .waiting) == .waiting,
                step.after.allSatisfy({ states[$0] == .done })
            else { continue }
            if !isChecked, let changed = staleness(of: plan, within: hosts) ?? hindrance(of: record)
            {
                return states.values.contains(.running) ? .goesOn : .halted(changed)
            }
            isChecked = true
            if let lack = lackOfBudget(for: step) {
                waiting = waiting ?? WaitingStep(step: step.id, lack: lack)
                continue
            }
            guard begin(step, of: plan) else {
                waiting = nil
                return states.values.contains(.running)
                    ? .goesOn : .halted("\(step.instance) cannot do its step now")
            }
            states = stepStates(of: plan)
        }
        if states.values.contains(.failed) {
            return states.values.contains(.running) ? .goesOn : .failed(failure(of: plan))
        }
        return steps.allSatisfy { states[$0.id] == .done } ? .done : .goesOn
    }

    /// Whether the step is under way; `false` when it can never be done.
    private mutating func begin(_ step: Step, of plan: Plan) -> Bool {
        switch step.action {
        case .move(let id, let source, let target, let mode):
            return beginMove(id, source, target, mode, plan: plan.id)
        case .start(let id, let host): return start(id, on: host)
        case .stop(let id, let host): return stop(id, on: host, by: plan)
        }
    }

    private func failure(of plan: Plan) -> String {
        let failed = state.moves.values.filter {
            $0.move.plan == plan.id && !$0.isUnderWay && $0.outcome != .done
        }
        .sorted { $0.move.id < $1.move.id }
        let states = stepStates(of: plan)
        let unstopped = plan.steps.compactMap { step -> String? in
            guard case .stop(let id, let host) = step.action, states[step.id] == .failed else {
                return nil
            }
            return stopFailure(of: id, on: host)
        }
        let unmoved = failed.map { record in
            switch record.outcome {
            case .rolledBack(let reason):
                "\(record.move.instance) stays on \(record.move.source): \(reason)"
            case .failed(let reason): "\(record.move.instance) failed: \(reason)"
            case .done, nil: "\(record.move.instance)"
            }
        }
        return (unmoved + unstopped).joined(separator: "; ")
    }

    mutating func finish(_ record: PlanRecord, _ state: PlanRecord.State, _ reason: String) {
        decided.waves[record.plan.id] = nil
        decided.waiting[record.plan.id] = nil
        var ended = record
        ended.state = state
        ended.reason = reason
        change(.putPlan(ended))
        watchAnew(record.plan)
        if record.plan.reason == .place {
            if state == .done {
                decided.displacements.succeeded(record.plan)
            } else {
                decided.displacements.ended(record.plan, failed: state == .failed, at: now)
            }
        }
        if record.origin == .loop { decided.loop.ended(record.plan.reason, well: state != .failed) }
        occurred(
            .plan(record.plan.id), reason.isEmpty ? state.rawValue : "\(state.rawValue): \(reason)",
            state == .done ? .notice : .warning)
        effect(
            .progress(
                PlanProgressNote(plan: record.plan.id, state: state, reason: reason, step: nil)))
    }
}
