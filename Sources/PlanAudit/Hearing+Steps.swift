import ClusterModel

extension Hearing {
    /// What is wrong with a step whatever the others do.
    func stepViolations() -> [Violation] {
        let underway = Set(snapshot.reservations.map(\.instance))
        return plan.steps.flatMap { step -> [Violation] in
            let (id, source, target) = step.action.journey
            guard let view = snapshot.instance(id) else { return [] }
            var found: [Violation] = []
            if underway.contains(id) { found.append(.notMovable(step.id, id, .underway)) }
            switch step.action {
            case .start:
                if view.instance.desired != .running, !view.isDisplaced {
                    found.append(.notWaiting(step.id, id))
                }
            case .move(_, let source, let target, let mode):
                found += moveViolations(step, view, source, target, mode)
                if plan.reason == .place, !mayBeDisplaced(view) {
                    found.append(.notDisplaced(step.id, id))
                }
            case .stop:
                // What is not wanted any more may stop for any reason.
                if view.instance.desired == .running,
                    !mayBeDisplaced(view) || !mayStartAgain(view)
                {
                    found.append(.notDisplaced(step.id, id))
                }
            }
            if let target, let host = snapshot.host(target)?.host {
                if let misfit = lastingMisfit(view, from: source, to: host) {
                    found.append(.misfit(step.id, target, misfit))
                }
            }
            return found
        }
    }

    /// Whether the policy and its spec let the instance give way to one that this plan starts on the
    /// host where it is now.
    private func mayBeDisplaced(_ view: Snapshot.InstanceView) -> Bool {
        guard policy.preempt == .lower, plan.reason == .place,
            !view.workload.move.allow.isEmpty
        else { return false }
        return plan.steps.contains { step in
            guard case .start(let other, let host) = step.action, host == view.host,
                let rules = snapshot.instance(other)?.workload.rules
            else { return false }
            return rules.priority > view.workload.rules.priority
        }
    }

    private func mayStartAgain(_ view: Snapshot.InstanceView) -> Bool {
        view.workload.program.restart != .never
    }

    private func moveViolations(
        _ step: Step, _ view: Snapshot.InstanceView, _ source: HostID, _ target: HostID,
        _ mode: MoveMode
    ) -> [Violation] {
        guard let from = snapshot.host(source)?.host, let to = snapshot.host(target)?.host else {
            return []
        }
        var found: [Violation] = []
        let isLive = [.ready, .draining].contains(from.state)
        let runs: Bool =
            switch view.instance.observed {
            case .running, .unhealthy: true
            case .pending, .starting, .stopped, .failed, .unknown, .held: false
            }
        if !isLive || !runs || view.instance.desired != .running {
            found.append(.notMovable(step.id, view.id, .notRunning))
        }
        var possible = MoveMode.possible(
            for: view.workload, from: from, to: to, snapshot.refusals)
        // One that never ends moves nothing.
        let isEndless =
            possible.contains(.live)
            && snapshot.endless(view, from: source, to: target, ceiling: policy.movesBandwidth)
                != nil
        if isEndless { possible.removeAll { $0 == .live } }
        // Whether it may go another way instead is the spec's to say.
        let allowed = view.workload.move.accepted(endless: isEndless)
        // Two copies at a time are the spec's to accept, whoever asks.
        let isAccepted = allowed.contains(mode) || (acceptsAnyMode && mode != .relocate)
        if !possible.contains(mode) || !isAccepted {
            found.append(
                .notMovable(step.id, view.id, .notAllowed(allowed: allowed, possible: possible)))
        }
        if case .pack = plan.reason, let moved = view.instance.movedAt {
            let until = moved.advanced(by: policy.rest)
            if snapshot.takenAt < until { found.append(.resting(step.id, view.id, until: until)) }
        }
        if let until = undone(view, on: target) {
            found.append(.misfit(step.id, target, .undone(until: until)))
        }
        return found
    }

    /// Until when a pack must not end with the instance on `host`, where it did worse.
    private func undone(_ view: Snapshot.InstanceView, on host: HostID) -> Instant? {
        guard case .pack = plan.reason, let until = view.undone[host], snapshot.takenAt < until,
            let index = snapshot.instances.firstIndex(where: { $0.id == view.id }),
            itinerary.end(of: index).map({ snapshot.hosts[$0].id }) == host
        else { return nil }
        return until
    }

    /// A user who asks for one move names its mode; a forced drain uses what is possible.
    private var acceptsAnyMode: Bool {
        if case .move = plan.reason { return true }
        return forced
    }

    /// The rule between an instance and an empty host that the two break.
    private func lastingMisfit(
        _ view: Snapshot.InstanceView, from source: HostID?, to host: Host
    ) -> Misfit? {
        switch plan.reason {
        case .drain(host.id), .relieve(host.id): return .hostState(.draining)
        case .pack, .relieve, .drain, .repair, .place, .move: break
        }
        if host.state != .ready { return .hostState(host.state) }
        if source == nil, view.isDisplaced, let place = view.host, place != host.id {
            return .files(on: place)
        }
        if let source = source.flatMap({ snapshot.host($0)?.host }),
            source.capacity.architecture != host.capacity.architecture
        {
            return .architecture(
                needed: source.capacity.architecture, found: host.capacity.architecture)
        }
        return labelMisfit(view.workload, on: host)
    }

    /// What driver, taints and labels of `host` say to `workload`.
    func labelMisfit(_ workload: Workload, on host: Host) -> Misfit? {
        let name: Capability.Name =
            switch workload.kind {
            case .container: .podman
            case .vm: .qemu
            }
        let driver = host.capacity.capability(name)
        if driver?.available != true {
            return .driver(workload.kind, reason: driver?.detail ?? "not probed")
        }
        let tolerated = Set(workload.rules.tolerate.pairs)
        if let taint = host.taints.pairs.first(where: { !tolerated.contains($0) }) {
            return .taint(taint)
        }
        let carried = Set(host.labels.pairs)
        if let lacking = workload.rules.need.pairs.first(where: { !carried.contains($0) }) {
            return .need(lacking)
        }
        return workload.rules.avoid.pairs.first { carried.contains($0) }.map { .avoid($0) }
    }
}
