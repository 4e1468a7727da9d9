import ClusterModel

extension Terrain {
    /// The first rule by which `host` refuses `members`, which come together, while all else is as
    /// in `layout`.
    ///
    /// The order is fixed, from what never changes to what changes soonest, so that an operator
    /// reads the most lasting obstacle: state, driver, taint, labels, architecture, move, together,
    /// apart, spread, room, rest, undone. The reserve is a property of the whole cluster and is judged by
    /// `Reserve`.
    func refusal(
        of members: [Int], on host: Int, in layout: Layout, _ liberty: Liberty
    ) -> Misfit? {
        let coming = members.filter { layout.host(of: $0) != host }
        if let misfit = lastingRefusal(of: coming, on: host, liberty) { return misfit }
        for member in coming {
            if !liberty.splitsGroups,
                let companion = strandedCompanion(of: member, among: members, off: host, in: layout)
            {
                return .together(with: id(of: companion))
            }
            if let foe = foe(of: member, among: members, on: host, in: layout) {
                return .apart(from: id(of: foe))
            }
        }
        if let misfit = spreadRefusal(of: coming, on: host, in: layout) { return misfit }
        if let misfit = shortage(of: coming, on: host, in: layout) { return misfit }
        guard liberty.rests else { return nil }
        for member in coming {
            if let until = rest(of: member) { return .resting(until: until) }
            if let until = undone(member, on: host) { return .undone(until: until) }
        }
        return nil
    }

    /// The refusals that depend on no other instance.
    private func lastingRefusal(of coming: [Int], on host: Int, _ liberty: Liberty) -> Misfit? {
        if liberty.shunned == host { return .hostState(.draining) }
        guard hosts[host].takes else { return .hostState(hosts[host].host.state) }
        for member in coming {
            if let misfit = rulebook.misfit(ofWorkload: instances[member].workload, on: host) {
                return misfit
            }
        }
        for member in coming {
            if let misfit = architectureRefusal(of: member, on: host) { return misfit }
        }
        for member in coming {
            if let refusal = moveRefusal(of: member, to: host, liberty) { return .move(refusal) }
            if let bound = instances[member].bound, bound != host {
                return .files(on: id(ofHost: bound))
            }
        }
        return nil
    }

    private func architectureRefusal(of instance: Int, on host: Int) -> Misfit? {
        guard let home = instances[instance].home else { return nil }
        let needed = hosts[home].host.capacity.architecture
        let found = hosts[host].host.capacity.architecture
        return needed == found ? nil : .architecture(needed: needed, found: found)
    }

    private func moveRefusal(of instance: Int, to host: Int, _ liberty: Liberty) -> MoveRefusal? {
        // Also a start is not made twice.
        if instances[instance].hold == .underway { return .underway }
        guard let home = instances[instance].home, home != host else { return nil }
        if let hold = instances[instance].hold { return hold }
        guard mode(of: instance, from: home, to: host, liberty) == nil else { return nil }
        let feasible = feasibleModes(of: instance, from: home, to: host)
        let possible = ending(feasible, of: instance, from: home, to: host)
        // A named mode that is possible is refused only because the spec has to allow it.
        let named = liberty.mode.flatMap { possible.contains($0) ? nil : [$0] }
        let accepted = acceptedModes(
            by: workload(of: instance).move, among: feasible, of: instance, from: home, to: host)
        return refusal(
            allowed: named ?? accepted, possible: possible, of: workload(of: instance),
            from: hosts[home].host, to: hosts[host].host)
    }

    /// Why nothing of `possible` is among what is `allowed`: only CRIU, or that there is no such way.
    func refusal(
        allowed: [MoveMode], possible: [MoveMode], of workload: Workload, from source: Host,
        to target: Host
    ) -> MoveRefusal {
        guard allowed.contains(.live), !possible.contains(.live),
            case .refused(let refusal) = LiveMoveObstacle.between(
                source, target, for: workload, snapshot.refusals)
        else { return .notAllowed(allowed: allowed, possible: possible) }
        return .unwritable(refusal)
    }

    /// The least interrupting mode that is possible and accepted; a mode that the user named is
    /// accepted, and with force any, but none with two copies that the spec does not allow.
    func mode(of instance: Int, from source: Int, to target: Int, _ liberty: Liberty) -> MoveMode? {
        let feasible = feasibleModes(of: instance, from: source, to: target)
        let possible = ending(feasible, of: instance, from: source, to: target)
        let allowed = acceptedModes(
            by: rulebook.workloads[instances[instance].workload].move, among: feasible,
            of: instance, from: source, to: target)
        if let named = liberty.mode {
            guard allowed.contains(named) || !named.overlaps else { return nil }
            return possible.contains(named) ? named : nil
        }
        return possible.first { allowed.contains($0) }
            ?? (liberty.force ? possible.first { !$0.overlaps } : nil)
    }

    /// The first instance that has to be with `instance` and is on another host than `host`.
    private func strandedCompanion(
        of instance: Int, among members: [Int], off host: Int, in layout: Layout
    ) -> Int? {
        let group = groups[instances[instance].group]
        guard group.count > 1 else { return nil }
        return group.first { companion in
            guard !members.contains(companion), let place = layout.host(of: companion) else {
                return false
            }
            return place != host
        }
    }

    /// The first instance on `host` but those of `gone`, or coming along, that may not share a host
    /// with `instance`.
    func foe(
        of instance: Int, among members: [Int], on host: Int, in layout: Layout,
        but gone: [Int] = []
    ) -> Int? {
        let conflicts = rulebook.conflicts[instances[instance].workload]
        guard !conflicts.isEmpty else { return nil }
        var first: Int?
        for list in [layout.occupants[host], ghosts[host], members] {
            for other in list
            where other != instance && conflicts.contains(instances[other].workload)
                && !gone.contains(other)
            {
                first = min(first ?? other, other)
            }
        }
        return first
    }

    private func spreadRefusal(of coming: [Int], on host: Int, in layout: Layout) -> Misfit? {
        var entering: [Int: Int] = [:]
        for member in coming {
            guard let index = rulebook.spreadOf[instances[member].workload] else { continue }
            let spread = rulebook.spreads[index]
            let domain = spread.domainOf[host]
            if let current = layout.host(of: member), spread.domainOf[current] == domain {
                continue
            }
            entering[index, default: 0] += 1
            if layout.instances(of: index, in: domain) + (entering[index] ?? 0) > spread.share {
                return .spread(domain: spread.label(domain), over: spread.share)
            }
        }
        return nil
    }

    /// The first resource that `coming` lack below the ceiling of `host`.
    func shortage(of coming: [Int], on host: Int, in layout: Layout) -> Misfit? {
        for (dimension, kind) in dimensions.enumerated() {
            var demand: UInt128 = 0
            for member in coming { demand += UInt128(instances[member].demand[dimension]) }
            guard demand > 0 else { continue }
            if dimension == 0, joint != nil {
                if let misfit = jointShortage(of: coming, on: host, in: layout) { return misfit }
                continue
            }
            let wanted = layout.load(host, dimension) + demand
            let room = UInt128(hosts[host].ceiling[dimension])
            if wanted > room { return kind.misfit(short: UInt64(clamping: wanted - room)) }
        }
        return nil
    }

    /// When the rest of `instance` ends, if it has not.
    func rest(of instance: Int) -> Instant? {
        guard let until = instances[instance].restsUntil, until > snapshot.takenAt else {
            return nil
        }
        return until
    }

    /// Until when `instance` is not brought to `host` again, where it did worse.
    func undone(_ instance: Int, on host: Int) -> Instant? {
        let undone = snapshot.instances[instance].undone
        guard !undone.isEmpty, let until = undone[id(ofHost: host)], until > snapshot.takenAt else {
            return nil
        }
        return until
    }

    /// What `host` has left below its ceiling, not counting `instance`.
    func room(on host: Int, without instance: Int?, in layout: Layout) -> Resources {
        let own = instance.flatMap { layout.host(of: $0) == host ? instances[$0].demand : nil }
        let left = dimensions.indices.map { dimension -> UInt128 in
            var load = layout.load(host, dimension) - UInt128(own?[dimension] ?? 0)
            if dimension == 0, let joint {
                let leaving = own == nil ? nil : instance
                load = UInt128(jointNeed(of: host, without: leaving, in: layout, joint))
            }
            let ceiling = UInt128(hosts[host].ceiling[dimension])
            return load > ceiling ? 0 : ceiling - load
        }
        return Resources(left, of: dimensions)
    }
}
