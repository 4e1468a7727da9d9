import ClusterModel
import PlanAudit
import Planner
import Testing

/// Repairs against the fewest moves that trying every order of moves finds.
@Suite struct RepairLaws {
    private func repair(_ world: World) throws -> Plan {
        try Planner(policy: world.policy, changed: .zero)
            .repair(world.snapshot, id: PlanID("p"), seed: 1)
    }

    @Test("every repair passes the audit", arguments: PlannerLaws.seeds)
    func audited(seed: UInt64) throws {
        let world = World.drawn(
            seed, World.Shape(hosts: 2...14, instances: 2...20, oneInRules: 3))
        let plan = try repair(world)
        let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
        #expect(found == [], "seed \(seed): \(Rendering.lines(of: plan))")
        #expect(plan.bound.lower <= plan.bound.after, "seed \(seed)")
    }

    @Test(
        "a repair leaves nothing broken with the fewest moves",
        arguments: 0..<(PlannerLaws.seeds.upperBound * 3))
    func fewest(seed: UInt64) throws {
        let world = World.drawn(
            seed, World.Shape(hosts: 2...4, instances: 1...6, oneInRules: 3, isJoint: false))
        let judge = RepairOptimum(world)
        let plan = try repair(world)
        guard let fewest = judge.fewestMoves else { return }
        #expect(plan.steps.count == fewest, "seed \(seed): \(Rendering.lines(of: plan))")
        var run = Interleaving(plan, in: world, seed: seed)
        run.run()
        #expect(RepairOptimum(run.end).fewestMoves == 0, "seed \(seed)")
    }

    @Test("a calm repair leaves alone what rests, and what did worse", arguments: PlannerLaws.seeds)
    func calm(seed: UInt64) throws {
        var world = World.drawn(
            seed, World.Shape(hosts: 2...6, instances: 2...12, oneInRules: 3))
        var dice = SplitMix64(seed: seed ^ 0xCA1)
        world.policy.rest = .seconds(3_600)
        let hosts = world.hosts.map(\.id)
        world.instances = world.instances.map { view in
            var instance = view.instance
            if dice.hits(3) { instance.movedAt = world.now }
            let worse = dice.hits(3) ? hosts.randomElement(using: &dice) : nil
            return Snapshot.InstanceView(
                instance: instance, workload: view.workload, changed: view.changed,
                undone: worse.map { [$0: world.now.advanced(by: .seconds(60))] } ?? [:],
                day: view.day)
        }
        let plan = try Planner(policy: world.policy, changed: .zero)
            .repair(world.snapshot, id: PlanID("p"), seed: 1, calm: true)
        let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
        #expect(found == [], "seed \(seed): \(Rendering.lines(of: plan))")
        for entry in plan.rationale {
            guard case .moved(_, let target, _) = entry.decision,
                let view = world.instances.first(where: { $0.id == entry.instance })
            else { continue }
            #expect(view.instance.movedAt == nil, "seed \(seed): \(Rendering.text(entry))")
            #expect(view.undone[target] == nil, "seed \(seed): \(Rendering.text(entry))")
        }
    }

    @Test("what cannot be repaired is named", arguments: PlannerLaws.seeds)
    func named(seed: UInt64) throws {
        let world = World.drawn(
            seed, World.Shape(hosts: 2...4, instances: 1...6, oneInRules: 2, isJoint: false))
        let plan = try repair(world)
        var run = Interleaving(plan, in: world, seed: seed)
        run.run()
        let judge = RepairOptimum(run.end)
        let named = plan.rationale.filter { if case .stays = $0.decision { true } else { false } }
        #expect(judge.isBroken == !named.isEmpty, "seed \(seed): \(Rendering.lines(of: plan))")
    }
}

/// The fewest moves, one after the other, after which no rule is broken in a tiny cluster whose demand adds up.
struct RepairOptimum {
    private let snapshot: Snapshot
    private let policy: Policy
    private let demand: [Resources]
    private let start: [Int?]
    private let ghosts: [(instance: Int, host: Int)]
    private let groupOf: [Int]

    init(_ world: World) {
        let snapshot = world.snapshot
        self.snapshot = snapshot
        policy = world.policy
        demand = snapshot.instances.map { snapshot.demand(of: $0, under: world.policy.demand) }
        let start = snapshot.instances.map { view in
            view.isPresent ? snapshot.hosts.firstIndex { $0.id == view.host } : nil
        }
        self.start = start
        ghosts = snapshot.reservations.compactMap { reservation in
            guard let host = snapshot.hosts.firstIndex(where: { $0.id == reservation.host }),
                let instance = snapshot.instances.firstIndex(where: {
                    $0.id == reservation.instance
                }), start[instance] != host
            else { return nil }
            return (instance, host)
        }
        var groupOf = Array(snapshot.instances.indices)
        for one in snapshot.instances.indices {
            for other in snapshot.instances.indices where one != other {
                let rules = snapshot.instances[one].workload.rules
                guard snapshot.instances[other].workload.labels.matches(rules.together) else {
                    continue
                }
                let (old, new) = (groupOf[other], groupOf[one])
                groupOf = groupOf.map { $0 == old ? new : $0 }
            }
        }
        self.groupOf = groupOf
    }

    var isBroken: Bool { isBroken(start) }

    /// `nil` where no order of moves leads there.
    var fewestMoves: Int? {
        var seen: Set<[Int?]> = [start]
        var front = [start]
        var moves = 0
        while !front.isEmpty {
            if front.contains(where: { !isBroken($0) }) { return moves }
            var next: [[Int?]] = []
            for layout in front {
                for instance in layout.indices where layout[instance] != nil {
                    for host in snapshot.hosts.indices where mayMove(instance, to: host, layout) {
                        var after = layout
                        after[instance] = host
                        if seen.insert(after).inserted { next.append(after) }
                    }
                }
            }
            front = next
            moves += 1
        }
        return nil
    }

    // MARK: Rules

    private func workload(_ instance: Int) -> Workload { snapshot.instances[instance].workload }

    private func suits(_ instance: Int, _ host: Host) -> Bool {
        let rules = workload(instance).rules
        return host.capacity.capability(workload(instance).kind == .vm ? .qemu : .podman)?.available
            == true && host.taints.pairs.isEmpty
            && rules.need.pairs.allSatisfy { host.labels[$0.name] == $0.value }
            && rules.avoid.pairs.allSatisfy { host.labels[$0.name] != $0.value }
    }

    private func areFoes(_ one: Int, _ other: Int) -> Bool {
        workload(one).labels.matches(workload(other).rules.apart)
            || workload(other).labels.matches(workload(one).rules.apart)
    }

    private func content(_ host: Int, _ layout: [Int?]) -> [Int] {
        layout.indices.filter { instance in
            layout[instance] == host
                || ghosts.contains { $0.instance == instance && $0.host == host }
        }
    }

    private func load(_ host: Int, _ layout: [Int?]) -> Resources {
        content(host, layout).reduce(.zero) { $0 + demand[$1] }
    }

    private func zone(_ host: Int) -> String { snapshot.hosts[host].host.labels["zone"] ?? "" }

    /// Instances of the workload of `instance` in a zone.
    private func count(_ instance: Int, in zone: String, _ layout: [Int?]) -> Int {
        layout.indices.count { other in
            workload(other).name == workload(instance).name
                && (layout[other].map { self.zone($0) == zone } ?? false
                    || ghosts.contains { $0.instance == other && self.zone($0.host) == zone })
        }
    }

    private func share(_ instance: Int) -> Int {
        let zones = Set(snapshot.hosts.indices.map { zone($0) }).count
        return (workload(instance).count + zones - 1) / zones
    }

    private func isBroken(_ layout: [Int?]) -> Bool {
        for instance in layout.indices {
            guard let host = layout[instance] else { continue }
            if !suits(instance, snapshot.hosts[host].host) { return true }
            if content(host, layout).contains(where: { $0 != instance && areFoes($0, instance) }) {
                return true
            }
            let isSplit = layout.indices.contains {
                groupOf[$0] == groupOf[instance] && layout[$0] != nil && layout[$0] != host
            }
            if isSplit { return true }
        }
        let zones = Set(snapshot.hosts.indices.map { zone($0) })
        for instance in layout.indices where workload(instance).rules.spread != nil {
            if zones.contains(where: { count(instance, in: $0, layout) > share(instance) }) {
                return true
            }
        }
        return snapshot.hosts.indices.contains { host in
            load(host, layout).misfit(in: snapshot.hosts[host].host.capacity.allocatable) != nil
        }
    }

    private func mayMove(_ instance: Int, to target: Int, _ layout: [Int?]) -> Bool {
        let view = snapshot.instances[instance]
        guard let source = layout[instance], source != target else { return false }
        let (from, to) = (snapshot.hosts[source].host, snapshot.hosts[target].host)
        guard to.state == .ready, [.ready, .draining].contains(from.state),
            !snapshot.reservations.contains(where: { $0.instance == view.id }),
            MoveMode.possible(for: view.workload, from: from, to: to, snapshot.refusals)
                .contains(where: view.workload.move.allow.contains), suits(instance, to)
        else { return false }
        if content(target, layout).contains(where: { areFoes($0, instance) }) { return false }
        if view.workload.rules.spread != nil, zone(source) != zone(target),
            count(instance, in: zone(target), layout) + 1 > share(instance)
        {
            return false
        }
        let ceiling = policy.ceiling(of: to.capacity.allocatable)
        return (load(target, layout) + demand[instance]).misfit(in: ceiling) == nil
    }
}
