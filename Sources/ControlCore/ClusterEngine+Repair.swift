import ClusterModel

extension ClusterEngine {
    /// What rules speak of, as it is now.
    private var ruleMark: RuleMark {
        RuleMark(
            hosts: state.hosts.mapValues(\.changed),
            capacities: observations.hosts.compactMapValues { seen in
                seen.session == nil ? nil : seen.capacity
            },
            workloads: state.workloads.mapValues(\.changed))
    }

    /// Whether to look for broken rules: once something that they speak of has changed, and again
    /// while one is broken.
    mutating func repairOccasion(mayStart: Bool) -> LoopOccasion? {
        guard state.instances.values.contains(where: { $0.value.host != nil }) else { return nil }
        let hold = state.policy.value.hotHold
        let mark = ruleMark
        let isRipe = decided.loop.brokenSince(at: now).map { now.since($0) >= hold } ?? false
        // What changes all the time is looked at as often as may be, and repaired no sooner for that.
        let isTry = isRipe && isDue(.repair, hold: .zero, mayStart)
        let isLook =
            !isTry && decided.loop.isUnjudged(mark, at: now) && decided.loop.mayLook(at: now)
        guard isTry || isLook else { return nil }
        decided.loop.judge(mark)
        var occasion = LoopOccasion(.repair, "a rule is broken", mayStart: mayStart)
        occasion.isLook = isLook
        return occasion
    }

    /// A name for a plan that is never stored.
    mutating func lookID() -> PlanID {
        decided.lastLook += 1
        return PlanID("look-\(decided.lastLook)")
    }

    /// Who breaks rules, and for how long; `nil` if nobody does.
    func brokenWords(_ plan: Plan) -> String? {
        decided.loop.brokenSince(at: now).map {
            LoopWords.broken(plan.broken, for: now.since($0))
        }
    }
}

extension Plan {
    /// Instances that break a rule where they are, or make room for one that does.
    var broken: [InstanceID] {
        rationale.compactMap { entry in
            switch entry.decision {
            case .moved(_, _, .repairs), .stays(_, .repairs): entry.instance
            case .moved, .stays, .placed, .stopped, .pending: nil
            }
        }
    }
}
