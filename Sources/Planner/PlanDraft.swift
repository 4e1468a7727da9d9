import ClusterModel

/// A plan in the making: a layout to reach, and what was decided for whom.
struct PlanDraft {
    let terrain: Terrain
    let liberty: Liberty
    let start: Layout
    private(set) var layout: Layout
    private(set) var steps: [Step] = []
    /// Hosts that a step leads to or away from.
    private var isTouched: [Bool]
    /// What is decided of each instance, where anything is.
    private var decisions: [Rationale.Decision?]
    private var decided = 0
    /// Refusals that the rules alone do not give: of the reserve.
    private var further: [Int: [Int: Misfit]] = [:]
    /// Hosts that were asked about; `nil` is every host.
    private var asked: [Int]?
    /// New instances that the plan is to place.
    let placing: Set<Int>

    init(_ terrain: Terrain, _ liberty: Liberty, placing: Set<Int> = []) {
        self.terrain = terrain
        self.liberty = liberty
        self.placing = placing
        start = Layout(terrain)
        layout = start
        decisions = Array(repeating: nil, count: terrain.instances.count)
        isTouched = terrain.hosts.map { _ in false }
    }

    /// Aims at `target` if there are steps that lead there; else everything stays as it is.
    mutating func reach(_ target: Layout) -> Bool {
        let errands = Self.errands(to: target, in: terrain)
        guard let sequence = Sequencer.steps(for: errands, in: terrain, liberty, from: start) else {
            return false
        }
        steps = sequence.steps
        isTouched = sequence.isTouched
        layout = target
        return true
    }

    /// What has to move, hosts with the least to move first, so that a plan that is stopped has
    /// emptied some.
    static func errands(to target: Layout, in terrain: Terrain) -> [Sequencer.Errand] {
        var bySource: [Int: [Sequencer.Errand]] = [:]
        for (instance, facts) in terrain.instances.enumerated() {
            let host = target.host(of: instance)
            guard host != facts.home else { continue }
            bySource[facts.home ?? -1, default: []].append(
                Sequencer.Errand(instance: instance, target: host))
        }
        return bySource.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
            .flatMap(\.value)
    }

    mutating func decide(_ instance: Int, _ decision: Rationale.Decision) {
        if decisions[instance] == nil { decided += 1 }
        decisions[instance] = decision
    }

    mutating func refuse(_ instance: Int, on host: Int, _ misfit: Misfit) {
        further[instance, default: [:]][host] = misfit
    }

    /// Only `hosts` are part of the question, so only they are explained.
    mutating func ask(only hosts: [Int]) { asked = hosts }

    /// What is decided of an instance that goes from its home to its place in the layout.
    func change(of instance: Int, because grounds: Rationale.Grounds) -> Rationale.Decision {
        let home = terrain.instances[instance].home
        guard let host = layout.host(of: instance) else {
            guard let home else { return .pending }
            return .stopped(on: terrain.id(ofHost: home), because: grounds)
        }
        let place = terrain.id(ofHost: host)
        guard let home else {
            return .placed(on: place, because: grounds)
        }
        guard home != host else { return .stays(on: place, because: grounds) }
        return .moved(from: terrain.id(ofHost: home), to: place, because: grounds)
    }

    /// The plan; `lower` is the bound where it is known already.
    func plan(
        id: PlanID, reason: Plan.Reason, policyChanged: Revision, lower: Int? = nil,
        wakes: [HostID] = []
    ) -> Plan {
        Plan(
            id: id, reason: reason, parent: terrain.snapshot.revision,
            reads: reads(policyChanged), steps: steps, rationale: rationale(),
            bound: Plan.Bound(
                before: start.occupiedHosts(terrain), after: layout.occupiedHosts(terrain),
                lower: lower ?? LowerBound.hosts(for: layout, in: terrain, liberty)),
            exceedances: terrain.exceedances(in: layout), standbys: standbys(of: reason),
            wakes: wakes)
    }

    /// Sleepers that the reserve counts on, where the reason for the plan minds it.
    private func standbys(of reason: Plan.Reason) -> [Plan.Standby] {
        switch reason {
        case .pack: Reserve(terrain).standbys(in: layout, powered: .occupied)
        case .place: Reserve(terrain).standbys(in: layout, powered: .ready)
        case .relieve, .drain, .repair, .move: []
        }
    }

    // MARK: Rationale

    var hostsAskedAbout: [Int] { asked ?? Array(terrain.hosts.indices) }

    /// Every host that refuses `instance` in the layout to reach, with the first failing rule.
    func refusals(of instance: Int) -> [Rationale.Refusal] {
        let place = layout.host(of: instance)
        return hostsAskedAbout.compactMap { host in
            // The host that is emptied or cooled is the question, not an answer.
            guard host != place, host != liberty.shunned else { return nil }
            let misfit =
                terrain.refusal(
                    ofGroupOf: instance, on: host, in: layout, liberty, placing: placing)
                ?? further[instance]?[host]
            return misfit.map { Rationale.Refusal(host: terrain.id(ofHost: host), misfit: $0) }
        }
    }

    /// With more pairs of instance and host than anyone reads, only those without a host are
    /// explained here; the others whenever they are asked about.
    private func rationale() -> [Rationale] {
        let isSmall = decided * terrain.hosts.count <= Limits.explainedPairs
        var pairsLeft = Limits.explainedPairs
        var trials = Limits.trials(among: terrain.instances.count)
        var entries: [Rationale] = []
        entries.reserveCapacity(decided)
        for (instance, decision) in decisions.enumerated() {
            guard let decision else { continue }
            var isExplained = isSmall
            if !isSmall, decision == .pending, pairsLeft > 0 {
                pairsLeft -= terrain.hosts.count
                isExplained = true
            }
            let refusals = isExplained ? refusals(of: instance) : []
            entries.append(
                Rationale(
                    instance: terrain.id(of: instance), decision: decision, refusals: refusals,
                    standing: isExplained
                        ? standing(of: instance, refusals: refusals, &trials) : nil))
        }
        return entries
    }

    // MARK: Reads

    /// The policy, the hosts that steps touch, and the instances whose change would make a step
    /// wrong.
    private func reads(_ policyChanged: Revision) -> [Plan.Read] {
        var read = [Plan.Read(.policy, at: policyChanged)]
        for host in terrain.hosts.indices where isTouched[host] {
            read.append(
                Plan.Read(
                    .host(terrain.id(ofHost: host)), at: terrain.snapshot.hosts[host].changed))
        }
        var isNear = terrain.instances.map { $0.home.map { isTouched[$0] } ?? false }
        for host in terrain.hosts.indices where isTouched[host] {
            for ghost in terrain.ghosts[host] { isNear[ghost] = true }
        }
        var spread = Set<Int>()
        for (index, facts) in terrain.instances.enumerated()
        where layout.host(of: index) != facts.home {
            // Whatever moves, changes hosts in the end.
            isNear[index] = true
            if let own = terrain.rulebook.spreadOf[facts.workload] { spread.insert(own) }
        }
        read.reserveCapacity(read.count + isNear.count { $0 })
        for index in terrain.instances.indices {
            let isSpread =
                !spread.isEmpty && terrain.instances[index].home != nil
                && terrain.rulebook.spreadOf[terrain.instances[index].workload]
                    .map { spread.contains($0) } ?? false
            if isNear[index] || isSpread {
                read.append(
                    Plan.Read(
                        .instance(terrain.id(of: index)),
                        at: terrain.snapshot.instances[index].changed))
            }
        }
        return read
    }
}
