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
        case .place: return RequestRefusal(.invalid, "placing is not asked for by itself")
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
            // What was applied is applied; only its place is missing.
            if case .place(let instances, _) = planning.job.task {
                return unplaced(instances, planning)
            }
            refuse(planning.request, .conflict, reason)
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
        guard findings.isEmpty else {
            occurred(
                .plan(id), "refused by the audit: \(findings.joined(separator: "; "))", .failure)
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
        let ended = state.plans.values.filter { $0.state != .running }.map(\.plan.id)
            .sorted { ($0.rawValue.utf8.count, $0) < ($1.rawValue.utf8.count, $1) }
        for id in ended.dropLast(ControlLimits.keptPlans) { change(.removePlan(id)) }
    }

    mutating func drain(_ host: HostID, force: Bool, dryRun: Bool, _ request: RequestID) {
        guard var record = state.hosts[host]?.value else { return refuseUnknown(host, request) }
        if !dryRun, record.standing == .member {
            record.standing = .draining
            change(.putHost(record))
            occurred(.host(host), "drains")
        }
        requestPlan(.drain(host, force: force), request)
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
        if let other = rival(of: record.plan) {
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
            other.steps.contains { step in
                stepState(step, of: other) != .done && step.hosts.contains(where: hosts.contains)
            }
        }
    }

    /// What of the things `plan` read has changed since, in words; `nil` while it still holds.
    ///
    /// Its own finished moves changed their instances, which is what it said they would.
    func staleness(of plan: Plan) -> String? {
        let own = Set(plan.steps.filter { stepState($0, of: plan) != .waiting }.map(\.instance))
        for read in plan.reads {
            switch read.subject {
            case .policy where state.policy.changed > read.revision: return "the policy has changed"
            case .host(let host):
                guard let known = state.hosts[host] else { return "host \(host) is gone" }
                if known.changed > read.revision { return "host \(host) has changed" }
            case .instance(let instance) where !own.contains(instance):
                guard let known = state.instances[instance] else { return "\(instance) is gone" }
                let rules = state.workloads[known.value.workload]?.changed ?? .zero
                if max(known.changed, rules) > read.revision { return "\(instance) has changed" }
            case .policy, .instance: break
            }
        }
        return arrival(since: plan, own)
    }

    /// An instance that came, or is coming, to a host of `plan` since the plan was made.
    private func arrival(since plan: Plan, _ own: Set<InstanceID>) -> String? {
        let hosts = plan.hostsRead
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

    /// What has become of a step; it follows from the moves and from where instances are.
    package func stepState(_ step: Step, of plan: Plan) -> PlanProgressNote.StepState {
        switch step.action {
        case .move(let id, _, let target, _):
            let moves = state.moves.values.filter {
                $0.move.plan == plan.id && $0.move.instance == id && $0.move.target == target
            }
            if moves.contains(where: { $0.outcome == .done && !$0.isUnderWay }) { return .done }
            if moves.contains(where: \.isUnderWay) { return .running }
            return moves.isEmpty ? .waiting : .failed
        case .start(let id, let host):
            return state.instances[id]?.value.host == host ? .done : .waiting
        case .stop(let id, _):
            return state.instances[id]?.value.desired == .stopped ? .done : .waiting
        }
    }

    /// Starts every step whose predecessors are done, and ends plans that have nothing left to do.
    mutating func advancePlans() {
        for record in state.plans.values.filter({ $0.state == .running }).sorted(by: {
            $0.plan.id < $1.plan.id
        }) {
            advance(record)
        }
    }

    private mutating func advance(_ record: PlanRecord) {
        let plan = record.plan
        for step in plan.steps {
            let states = Dictionary(
                plan.steps.map { ($0.id, stepState($0, of: plan)) },
                uniquingKeysWith: { first, _ in first })
            let isBusy = states.values.contains(.running)
            if states.values.contains(.failed) {
                return isBusy ? () : finish(record, .failed, failure(of: plan))
            }
            guard states[step.id] == .waiting, step.after.allSatisfy({ states[$0] == .done }) else {
                continue
            }
            if let changed = staleness(of: plan) ?? hindrance(of: record) {
                return isBusy ? () : finish(record, .stale, changed)
            }
            guard begin(step, of: plan) else {
                return isBusy
                    ? () : finish(record, .stale, "\(step.instance) cannot do its step now")
            }
        }
        if plan.steps.allSatisfy({ stepState($0, of: plan) == .done }) { finish(record, .done, "") }
    }

    /// Whether the step is under way or waits for its budget; `false` when it can never be done.
    private mutating func begin(_ step: Step, of plan: Plan) -> Bool {
        switch step.action {
        case .move(let id, let source, let target, let mode):
            guard hasBudget(source), hasBudget(target), hasClusterBudget else { return true }
            return beginMove(id, source, target, mode, plan: plan.id)
        // Plans that users run hold moves alone; placing carries out its starts itself.
        case .start, .stop: return false
        }
    }

    private func hasBudget(_ host: HostID) -> Bool {
        let busy = state.movesUnderWay.filter { $0.move.source == host || $0.move.target == host }
            .count
        return busy < state.policy.value.movesPerHost
    }

    private var hasClusterBudget: Bool {
        state.movesUnderWay.count < state.policy.value.movesPerCluster
    }

    private func failure(of plan: Plan) -> String {
        let failed = state.moves.values.filter {
            $0.move.plan == plan.id && !$0.isUnderWay && $0.outcome != .done
        }
        .sorted { $0.move.id < $1.move.id }
        return failed.map { record in
            switch record.outcome {
            case .rolledBack(let reason):
                "\(record.move.instance) stays on \(record.move.source): \(reason)"
            case .failed(let reason): "\(record.move.instance) failed: \(reason)"
            case .done, nil: "\(record.move.instance)"
            }
        }.joined(separator: "; ")
    }

    private mutating func finish(_ record: PlanRecord, _ state: PlanRecord.State, _ reason: String)
    {
        var ended = record
        ended.state = state
        ended.reason = reason
        change(.putPlan(ended))
        watchAnew(record.plan)
        if record.origin == .loop { decided.loop.ended(record.plan.reason, well: state != .failed) }
        occurred(
            .plan(record.plan.id), reason.isEmpty ? state.rawValue : "\(state.rawValue): \(reason)",
            state == .done ? .notice : .warning)
        effect(
            .progress(
                PlanProgressNote(plan: record.plan.id, state: state, reason: reason, step: nil)))
    }
}

extension Plan {
    /// The hosts that the plan counts on.
    var hostsRead: Set<HostID> {
        Set(
            reads.compactMap { read in
                guard case .host(let host) = read.subject else { return nil }
                return host
            }
        ).union(steps.flatMap(\.hosts))
    }
}

extension Step {
    /// The hosts this step is about.
    var hosts: [HostID] {
        switch action {
        case .start(_, let host), .stop(_, let host): [host]
        case .move(_, let source, let target, _): [source, target]
        }
    }

    /// The instance this step is about.
    package var instance: InstanceID {
        switch action {
        case .start(let instance, _), .move(let instance, _, _, _), .stop(let instance, _): instance
        }
    }
}
