import ClusterModel

extension Supposition {
    /// Whose things are to be otherwise where there is a choice.
    enum Side: CaseIterable {
        case host, spec, policy
    }

    /// The least that makes the host take the instance, preferably of `side`; `nil` where nothing
    /// does. Nothing is left to do where it takes it already.
    func changes(_ side: Side) -> [Flip.Change]? {
        var supposed = self
        var changes: [Flip.Change] = []
        while let misfit = supposed.misfit {
            guard changes.count < Limits.changes, let next = supposed.lifting(misfit, side),
                !next.isEmpty
            else { return nil }
            for change in next { supposed.make(change) }
            changes += next
        }
        return pruned(changes)
    }

    /// Without what later changes made needless.
    private func pruned(_ changes: [Flip.Change]) -> [Flip.Change] {
        guard changes.count > 1 else { return changes }
        var kept = changes
        for change in changes {
            let fewer = kept.filter { $0 != change }
            var supposed = self
            for other in fewer { supposed.make(other) }
            if supposed.misfit == nil { kept = fewer }
        }
        return kept
    }

    /// The least on which the rule behind `misfit` depends; `nil` where nothing helps.
    private func lifting(_ misfit: Misfit, _ side: Side) -> [Flip.Change]? {
        switch misfit {
        case .hostState: [.ready(place.id)]
        case .driver(let kind, _): [.capability(place.id, kind == .vm ? .qemu : .podman)]
        case .taint(let taint): liftingTaint(taint, side)
        case .need(let label): liftingNeed(label, side)
        case .avoid(let label): liftingAvoid(label, side)
        case .architecture: nil
        case .move(let refusal): liftingMove(refusal, side)
        case .together: liftingTogether()
        case .apart: liftingApart(side)
        case .spread: liftingSpread(side)
        case .cpu, .memory, .disk, .network, .scalar: liftingShortage(side)
        case .resting: liftingRest(side)
        case .undone(let until): [.wait(until: until)]
        // Judged where the whole cluster is.
        case .reserve: nil
        case .files: nil
        }
    }

    private func workload(_ instance: Int) -> WorkloadID { terrain.workload(of: instance).name }

    // MARK: Labels

    private func liftingTaint(_ taint: Label, _ side: Side) -> [Flip.Change]? {
        guard side == .spec else { return [.untaint(place.id, taint)] }
        return coming.first { hostMisfit(of: $0) == .taint(taint) }
            .map { [.tolerate(workload($0), taint)] }
    }

    private func liftingNeed(_ label: Label, _ side: Side) -> [Flip.Change]? {
        // A label that another of them cannot bear is not set.
        let isBorne = coming.allSatisfy {
            let rules = rules(of: $0)
            return rules.avoid[label.name] != label.value
                && rules.need[label.name] ?? label.value == label.value
        }
        guard side == .spec || !isBorne else { return [.label(place.id, label)] }
        return coming.first { hostMisfit(of: $0) == .need(label) }
            .map { [.dropNeed(workload($0), label)] }
    }

    private func liftingAvoid(_ label: Label, _ side: Side) -> [Flip.Change]? {
        let isBorne = coming.allSatisfy { rules(of: $0).need[label.name] == nil }
        guard side == .spec || !isBorne else { return [.unlabel(place.id, label)] }
        return coming.first { hostMisfit(of: $0) == .avoid(label) }
            .map { [.dropAvoid(workload($0), label)] }
    }

    // MARK: Moves

    private func liftingMove(_ refusal: MoveRefusal, _ side: Side) -> [Flip.Change]? {
        guard let culprit = coming.first(where: { moveRefusal(of: $0) == refusal }) else {
            return nil
        }
        switch refusal {
        case .underway, .notRunning: return freeing(culprit)
        case .budget: return nil
        case .notAllowed, .unwritable:
            let home = terrain.instances[culprit].home
            let possible = home.map { modes(of: culprit, from: $0).possible } ?? []
            if side != .spec, let changes = enabling(culprit) { return changes }
            return possible.first.map { [.allow(workload(culprit), $0)] }
        }
    }

    /// What the host lacks for a mode that the spec accepts, if that is all.
    private func enabling(_ instance: Int) -> [Flip.Change]? {
        guard let home = terrain.instances[instance].home else { return nil }
        let (source, workload) = (terrain.hosts[home].host, terrain.workload(of: instance))
        let allowed = preference(for: instance).allow
        var supposed = self
        var changes: [Flip.Change] = []
        while supposed.moveRefusal(of: instance) != nil {
            let missing: Capability.Name
            if allowed.contains(.live),
                case .lacks(place.id, let name, _) = LiveMoveObstacle.between(
                    source, supposed.place, for: workload, terrain.snapshot.refusals)
            {
                missing = name
            } else if allowed.contains(.relocate),
                case .lacks(place.id, let name, _) = RelocateObstacle.between(
                    source, supposed.place, for: workload)
            {
                missing = name
            } else {
                return nil
            }
            changes.append(.capability(place.id, missing))
            supposed.make(.capability(place.id, missing))
        }
        return changes
    }

    /// What keeps `instance` from moving at all is over.
    private func freeing(_ instance: Int) -> [Flip.Change] {
        let id = terrain.id(of: instance)
        if isUnderway(instance) { return [.settle(id)] }
        var changes: [Flip.Change] = []
        if !isReached(instance), let home = terrain.instances[instance].home {
            changes.append(.ready(terrain.id(ofHost: home)))
        }
        if !isRunning(instance) { changes.append(.run(id)) }
        return changes
    }

    // MARK: Other instances

    private func liftingTogether() -> [Flip.Change]? {
        if let heldBack { return freeing(heldBack) }
        return strandedCompanion.map { [.bring(terrain.id(of: $0), to: place.id)] }
    }

    private func liftingApart(_ side: Side) -> [Flip.Change]? {
        guard let member = coming.first(where: { !foes(of: $0).isEmpty }) else { return nil }
        let met = foes(of: member)
        let isGroup = met.contains {
            terrain.instances[$0].group == terrain.instances[member].group
        }
        guard side == .spec || isGroup else {
            return met.flatMap { removing($0, from: { $0 == host }) }
        }
        var names: [WorkloadID] = []
        if met.contains(where: { refuses(member, $0) }) { names.append(workload(member)) }
        for foe in met where refuses(foe, member) && !names.contains(workload(foe)) {
            names.append(workload(foe))
        }
        return names.map { .dropApart($0) }
    }

    private func liftingSpread(_ side: Side) -> [Flip.Change]? {
        guard let crowd = crowd(coming) else { return nil }
        guard side == .spec || crowd.present.count < crowd.excess else {
            return crowd.present.prefix(crowd.excess).flatMap {
                removing($0, from: crowd.contains)
            }
        }
        return [.dropSpread(crowd.workload)]
    }

    /// That `instance` neither is on any of `hosts` nor is about to be.
    private func removing(_ instance: Int, from hosts: (Int) -> Bool) -> [Flip.Change] {
        let id = terrain.id(of: instance)
        var changes: [Flip.Change] = []
        if let place = layout.host(of: instance), hosts(place) {
            changes.append(.leave(id, from: terrain.id(ofHost: place)))
        }
        let isReserved = terrain.snapshot.reservations.contains {
            $0.instance == id && terrain.host($0.host).map(hosts) ?? false
        }
        if isReserved, isUnderway(instance) { changes.append(.settle(id)) }
        return changes
    }

    // MARK: Room and time

    private func liftingShortage(_ side: Side) -> [Flip.Change]? {
        var room = terrain.dimensions.map { _ in UInt128(0) }
        var less = room
        var changes: [Flip.Change] = []
        for (dimension, short) in shortages(of: coming) {
            if side == .spec, least(dimension) + short <= UInt128(demand[dimension]) {
                less[dimension] = short
            } else if side == .policy, let change = raising(dimension, by: short) {
                changes.append(change)
            } else if hasRoom(dimension, for: UInt128(ceiling[dimension]) + short) {
                room[dimension] = short
            } else {
                return nil
            }
        }
        if less.contains(where: { $0 > 0 }) {
            changes.append(
                .smaller(terrain.id(of: subject), by: Resources(less, of: terrain.dimensions)))
        }
        if room.contains(where: { $0 > 0 }) {
            changes.append(.room(place.id, Resources(room, of: terrain.dimensions)))
        }
        return changes
    }

    /// The least that a workload may ask for.
    private func least(_ dimension: Int) -> UInt128 {
        switch terrain.dimensions[dimension] {
        case .cpu, .expectedCPU: return 1
        case .memory:
            let guest = Bytes.mebibytes(1)
            let isVM = terrain.workload(of: subject).kind == .vm
            return UInt128((isVM ? guest + Workload.overhead(ofGuest: guest) : guest).count)
        case .disk, .network, .scalar: return 0
        }
    }

    /// Whether the host can be so large that its ceiling is `wanted`.
    private func hasRoom(_ dimension: Int, for wanted: UInt128) -> Bool {
        let kind = terrain.dimensions[dimension]
        let most = UInt64.max - kind.amount(in: place.capacity.hostReserve)
        switch kind {
        case .cpu, .expectedCPU:
            return wanted <= UInt128(most.scaled(by: terrain.policy.ceilingCPU))
        case .memory: return wanted <= UInt128(most.scaled(by: terrain.policy.ceilingMemory))
        case .disk, .network, .scalar: return wanted <= UInt128(most)
        }
    }

    /// The lowest ceiling that is enough; `nil` if the host has not so much, or would be hot.
    private func raising(_ dimension: Int, by amount: UInt128) -> Flip.Change? {
        let kind = terrain.dimensions[dimension]
        guard kind == .cpu || kind == .memory else { return nil }
        let whole = UInt128(terrain.hosts[host].allocatable[dimension])
        let wanted = UInt128(ceiling[dimension]) + amount
        guard wanted <= whole else { return nil }
        let share = Share(permille: UInt32((wanted * 1000 + whole - 1) / whole))
        guard kind == .memory || share <= terrain.policy.hotCPU else { return nil }
        return kind == .cpu ? .ceilingCPU(share) : .ceilingMemory(share)
    }

    private func liftingRest(_ side: Side) -> [Flip.Change]? {
        let resting = coming.filter { rest(of: $0) != nil }
        guard let until = resting.compactMap({ rest(of: $0) }).max() else { return nil }
        let last = resting.compactMap { terrain.view(of: $0).instance.movedAt }.max()
        if side == .policy, let last, last <= now {
            let (rest, overflows) = now.milliseconds.subtractingReportingOverflow(last.milliseconds)
            if !overflows { return [.rest(.milliseconds(rest))] }
        }
        return [.wait(until: until)]
    }
}
