import ClusterModel

/// Turns a change of layout into steps that may run at the same time wherever that is safe.
///
/// It walks through the moves in an order in which each is possible at its turn, counting a moving
/// instance on both hosts, and writes down for each step what it needed of earlier ones: the room
/// they gave back, the instances they took away that it may not meet, and a turn within the budgets
/// of moves. Room is handed over in pieces that have one owner at a time (`Ledger`), so any set of
/// steps whose predecessors are done fits.
struct Sequencer {
    private let terrain: Terrain
    private let liberty: Liberty
    private var layout: Layout
    private var room: [Ledger]
    private var domains: [[Ledger]]
    /// Gates of hosts that steps touched, where demand is joint.
    private var gates: [Int: JointGate] = [:]
    private var clusterTurns: Turns
    private var hostTurns: [Turns]
    private var domainTurns: [String: Turns] = [:]
    /// Instances that left each host, with the step that took them.
    private var departed: [[(instance: Int, step: Int)]]
    private var lastStep: [Int: Int] = [:]
    private var steps: [Draft] = []
    /// Hosts that a step leads to or away from.
    private var isTouched: [Bool]

    /// One instance that has to get to a host, or has to stop.
    struct Errand: Hashable {
        let instance: Int
        let target: Int?
    }

    private struct Draft {
        let action: Step.Action
        /// Steps that have to be done before, in ascending order, each once.
        let after: [Int]

        init(action: Step.Action, after: [Int]) {
            self.action = action
            // Few at a time, so that a set costs more than it saves.
            var once: [Int] = []
            for step in after.sorted() where step != once.last { once.append(step) }
            self.after = once
        }
    }

    /// - Parameter layout: everything at home.
    private init(_ terrain: Terrain, _ liberty: Liberty, from layout: Layout) {
        self.terrain = terrain
        self.liberty = liberty
        self.layout = layout
        room = terrain.hosts.indices.map { host in
            Ledger(capacity: terrain.hosts[host].ceiling, taken: layout.loads(of: host))
        }
        domains = terrain.rulebook.spreads.enumerated().map { index, spread in
            spread.values.indices.map { domain in
                Ledger(
                    capacity: [UInt64(spread.share)],
                    taken: [UInt128(layout.instances(of: index, in: domain))])
            }
        }
        clusterTurns = Turns(terrain.policy.movesPerCluster)
        hostTurns = terrain.hosts.map { _ in Turns(terrain.policy.movesPerHost) }
        departed = terrain.hosts.map { _ in [] }
        isTouched = terrain.hosts.map { _ in false }
    }

    /// Steps, and the hosts that they touch.
    struct Sequence {
        let steps: [Step]
        let isTouched: [Bool]
    }

    /// Steps that carry out all `errands`, or `nil` when they block one another and no bypass
    /// helps.
    static func steps(
        for errands: [Errand], in terrain: Terrain, _ liberty: Liberty, from start: Layout
    ) -> Sequence? {
        var sequencer = Sequencer(terrain, liberty, from: start)
        sequencer.steps.reserveCapacity(errands.count)
        guard sequencer.run(errands) else { return nil }
        return Sequence(steps: sequencer.finish(), isTouched: sequencer.isTouched)
    }

    private mutating func run(_ errands: [Errand]) -> Bool {
        var waiting = errands
        var bypassed = Set<Int>()
        while !waiting.isEmpty {
            let before = waiting.count
            waiting.removeAll { take($0) }
            if waiting.count == before, !bypass(waiting, &bypassed) { return false }
        }
        return true
    }

    /// Takes the step for `errand` if it is possible now.
    private mutating func take(_ errand: Errand) -> Bool {
        guard let target = errand.target else {
            recordStop(errand.instance)
            return true
        }
        guard allows(errand.instance, on: target) else { return false }
        record(errand.instance, to: target)
        return true
    }

    /// Whether `instance` may be on `target` while it still counts where it is.
    private func allows(_ instance: Int, on target: Int) -> Bool {
        // From its home, the refusal has this in it.
        if let source = layout.host(of: instance), source != terrain.instances[instance].home {
            guard terrain.mode(of: instance, from: source, to: target, liberty) != nil else {
                return false
            }
        }
        return terrain.refusal(of: [instance], on: target, in: layout, transit) == nil
    }

    /// What holds between the start and the end of a plan: a group travels one member at a time.
    private var transit: Liberty {
        var transit = liberty
        transit.rests = false
        transit.splitsGroups = true
        return transit
    }

    /// Sends one of the blocked instances to a host that is in nobody's way, so that its room
    /// becomes free.
    private mutating func bypass(_ waiting: [Errand], _ bypassed: inout Set<Int>) -> Bool {
        let wanted = Set(waiting.compactMap(\.target))
        let blockers = waiting.filter { errand in
            guard let source = layout.host(of: errand.instance) else { return false }
            return wanted.contains(source) && !bypassed.contains(errand.instance)
        }
        let cheapest = blockers.sorted {
            (terrain.cost(of: $0.instance, liberty), $0.instance)
                < (terrain.cost(of: $1.instance, liberty), $1.instance)
        }
        for errand in cheapest {
            for host in terrain.hosts.indices
            where host != errand.target && host != layout.host(of: errand.instance) {
                guard allows(errand.instance, on: host) else { continue }
                bypassed.insert(errand.instance)
                record(errand.instance, to: host)
                return true
            }
        }
        return false
    }

    private mutating func record(_ instance: Int, to target: Int) {
        let step = steps.count
        var after: [Int] = []
        let facts = terrain.instances[instance]
        let source = layout.host(of: instance)
        after += room[target].take(facts.demand)
        if let joint = terrain.joint {
            after += passGates(instance, from: source, to: target, step, joint)
        }
        let foes = terrain.rulebook.conflicts[facts.workload]
        if !foes.isEmpty {
            for gone in departed[target]
            where gone.instance != instance
                && foes.contains(terrain.instances[gone.instance].workload)
            {
                after.append(gone.step)
            }
        }
        if let earlier = lastStep[instance] { after.append(earlier) }
        if let source {
            if let turn = clusterTurns.take(step) { after.append(turn) }
            if let turn = hostTurns[source].take(step) { after.append(turn) }
            if let turn = hostTurns[target].take(step) { after.append(turn) }
            after += turnsInDomains(of: [source, target], step)
            room[source].give(facts.demand, by: step)
            departed[source].append((instance, step))
        }
        after += crossDomains(instance, from: source, to: target, step)
        steps.append(Draft(action: action(instance, from: source, to: target), after: after))
        lastStep[instance] = step
        isTouched[target] = true
        if let source { isTouched[source] = true }
        layout.move(instance, to: target, terrain)
    }

    /// Takes `instance` off its host; it waits for nothing but its own way there.
    private mutating func recordStop(_ instance: Int) {
        guard let source = layout.host(of: instance) else { return }
        let step = steps.count
        let facts = terrain.instances[instance]
        if terrain.joint != nil {
            gates[source, default: JointGate(source, layout)].leave(by: step)
        }
        room[source].give(facts.demand, by: step)
        if let index = terrain.rulebook.spreadOf[facts.workload] {
            domains[index][terrain.rulebook.spreads[index].domainOf[source]].give([1], by: step)
        }
        departed[source].append((instance, step))
        steps.append(
            Draft(
                action: .stop(terrain.id(of: instance), on: terrain.id(ofHost: source)),
                after: lastStep[instance].map { [$0] } ?? []))
        lastStep[instance] = step
        isTouched[source] = true
        layout.lift(instance, terrain)
    }

    /// A turn in each failure domain that a move between `hosts` takes part in.
    private mutating func turnsInDomains(of hosts: [Int], _ step: Int) -> Set<Int> {
        guard let budget = terrain.policy.movesPerDomain else { return [] }
        var after = Set<Int>()
        for domain in budget.domains(of: hosts.map { terrain.hosts[$0].host }) {
            if let turn = domainTurns[domain, default: Turns(budget.moves)].take(step) {
                after.insert(turn)
            }
        }
        return after
    }

    private mutating func passGates(
        _ instance: Int, from source: Int?, to target: Int, _ step: Int, _ joint: JointTable
    ) -> Set<Int> {
        for host in [source, target] {
            if let host, gates[host] == nil { gates[host] = JointGate(host, layout) }
        }
        if let source { gates[source]?.leave(by: step) }
        return gates[target]?.arrive(
            instance, below: terrain.hosts[target].ceiling[0],
            beside: Array(layout.jointSums[target]), joint) ?? []
    }

    private mutating func crossDomains(
        _ instance: Int, from source: Int?, to target: Int, _ step: Int
    ) -> Set<Int> {
        guard let index = terrain.rulebook.spreadOf[terrain.instances[instance].workload] else {
            return []
        }
        let domainOf = terrain.rulebook.spreads[index].domainOf
        if let source, domainOf[source] == domainOf[target] { return [] }
        let needed = domains[index][domainOf[target]].take([1])
        if let source { domains[index][domainOf[source]].give([1], by: step) }
        return needed
    }

    private func action(_ instance: Int, from source: Int?, to target: Int) -> Step.Action {
        let id = terrain.id(of: instance)
        guard let source,
            let mode = terrain.mode(of: instance, from: source, to: target, liberty)
        else { return .start(id, on: terrain.id(ofHost: target)) }
        return .move(
            id, from: terrain.id(ofHost: source), to: terrain.id(ofHost: target), mode: mode)
    }

    private func finish() -> [Step] {
        let reduced = Precedence.reduced(steps.map(\.after))
        return steps.indices.map { index in
            Step(
                id: Step.StepID(index), action: steps[index].action,
                after: reduced[index].map(Step.StepID.init))
        }
    }
}
