import ClusterModel

/// How long a host has been empty.
struct Idleness: Hashable, Sendable {
    let since: Instant
    /// When it was last asked whether it may sleep.
    var askedAt: Instant?
}

extension ClusterEngine {
    /// Asks whether a host may sleep that has been empty for long enough, one at a time.
    ///
    /// Only one that is known to wake: who puts a host to sleep has to be able to end that.
    mutating func tendIdle() {
        let policy = state.policy.value
        guard hasPower, policy.sleep == .auto else {
            decided.idle = [:]
            return
        }
        noteIdle()
        guard hindrance == nil, placeable().isEmpty, decided.planning.isEmpty, !isUndoing else {
            return
        }
        let due = decided.idle.filter { _, idle in
            now.since(idle.since) >= policy.coldHold
                && (idle.askedAt.map { now.since($0) >= ControlLimits.fruitlessRest } ?? true)
        }
        guard let host = due.keys.max(), let record = state.hosts[host]?.value,
            obstacle(toSleepOf: record) == nil
        else { return }
        decided.idle[host]?.askedAt = now
        let id = planID("p")
        var job = PlanJob(
            id: id, task: .rest(host), snapshot: snapshot(), policy: policy,
            policyChanged: state.policy.changed, seed: planningSeed)
        job.origin = .loop
        decided.planning[id] = Planning(request: nil, job: job, since: now)
        effect(.plan(job))
    }

    private mutating func noteIdle() {
        // Made once for all hosts: to ask each for its obstacle would look at every instance each time.
        var needed = Set(state.instances.values.compactMap(\.value.host))
        needed.formUnion(reservations().map(\.host))
        needed.formUnion(state.wishes.values)
        needed.formUnion(
            decided.moves.values.flatMap { [$0.record.move.source, $0.record.move.target] })
        needed.formUnion(hostsToGoBackTo)
        for host in state.hosts.keys {
            let isIdle =
                !needed.contains(host) && observations.hosts[host]?.orphans.isEmpty ?? false
                && hostState(host) == .ready && self.host(host).capacity.wakeTime != nil
            if !isIdle {
                decided.idle[host] = nil
            } else if decided.idle[host] == nil {
                decided.idle[host] = Idleness(since: now)
            }
        }
        for host in decided.idle.keys where state.hosts[host] == nil { decided.idle[host] = nil }
    }

    /// Planner and audit have no objection to the sleep of `host`, or the audit has.
    mutating func restAudited(_ host: HostID, _ plan: Plan, _ findings: [String]) {
        guard findings.isEmpty else {
            return occurred(
                .host(host), "is not put to sleep: \(findings.joined(separator: "; "))", .failure)
        }
        // What was decided meanwhile may count on it.
        guard let record = state.hosts[host]?.value, let idle = decided.idle[host],
            state.revision == plan.parent, hindrance == nil, state.policy.value.sleep == .auto,
            obstacle(toSleepOf: record) == nil
        else {
            decided.idle[host]?.askedAt = nil
            return
        }
        let time = LoopWords.text(now.since(idle.since))
        putToSleep(record, because: "nothing has been on it for \(time)")
    }
}
