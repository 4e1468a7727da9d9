import ClusterModel
import Planner
import Testing

/// Every change that a verdict names makes it so, and nothing less does.
@Suite struct FlipLaws {
    /// A drawn cluster in which some rest, some do not run and some rules are broken.
    private func world(_ seed: UInt64) -> World {
        var dice = SplitMix64(seed: seed ^ 0xF11B)
        var world = World.drawn(
            seed, World.Shape(hosts: 2...5, instances: 2...9, oneInRules: dice.hits(2) ? 3 : 6))
        world.policy.rest = .seconds(600)
        if dice.hits(2) { world.policy.ceilingMemory = .percent(50) }
        world.instances = world.instances.map { view in
            var instance = view.instance
            if dice.hits(5) {
                instance.movedAt = Instant(
                    milliseconds: world.now.milliseconds - Int64(dice.below(600_000)))
            }
            if instance.host != nil, dice.hits(8) {
                instance.observed = [.failed(reason: "x"), .unknown, .stopped][Int(dice.below(3))]
            }
            if instance.host != nil, dice.hits(10), let host = world.hosts.first {
                instance.host = host.id
            }
            return Snapshot.InstanceView(
                instance: instance, workload: view.workload, changed: view.changed)
        }
        return world
    }

    private func verdict(
        _ id: InstanceID, on host: HostID, after changes: [Flip.Change], in world: World
    ) -> HostVerdict? {
        var supposed = Supposed(world.snapshot, world.policy)
        supposed.make(changes)
        return Planner(policy: supposed.policy, changed: .zero)
            .explain(id, in: supposed.snapshot).first { $0.host == host }
    }

    @Test(
        "a flip makes a host take an instance, and nothing less does",
        arguments: 0..<max(1, PlannerLaws.seeds.upperBound / 4))
    func exact(seed: UInt64) throws {
        let world = world(seed)
        let planner = Planner(policy: world.policy, changed: .zero)
        for view in world.instances {
            for verdict in planner.explain(view.id, in: world.snapshot) {
                let host = verdict.host
                let place: Comment = "seed \(seed), \(view.id) on \(host): \(verdict)"
                #expect((verdict.misfit == nil) == verdict.flips.isEmpty, place)
                for flip in verdict.flips {
                    let after = self.verdict(view.id, on: host, after: flip.changes, in: world)
                    #expect(
                        after != nil && after?.misfit == nil,
                        "\(flip) -> \(after?.misfit as Any); \(place)")
                    for less in flip.lesser(than: world.policy) {
                        let short = self.verdict(view.id, on: host, after: less, in: world)
                        #expect(short?.misfit != nil, "\(less) is enough; \(place)")
                    }
                }
            }
        }
    }

    @Test("hosts are ranked as they are chosen", arguments: PlannerLaws.seeds)
    func ranked(seed: UInt64) throws {
        let world = world(seed)
        let planner = Planner(policy: world.policy, changed: .zero)
        for view in world.instances {
            let verdicts = planner.explain(view.id, in: world.snapshot)
            let ranks = verdicts.compactMap(\.rank)
            #expect(Set(ranks) == Set(1..<(ranks.count + 1)), "seed \(seed), \(view.id)")
            #expect(
                verdicts.allSatisfy { ($0.rank != nil) == ($0.misfit == nil && !$0.current) },
                "seed \(seed), \(view.id)")
            guard view.isPresent, let best = verdicts.first(where: { $0.rank == 1 }) else {
                continue
            }
            let plan = try planner.move(
                view.id, to: nil, in: world.snapshot, id: PlanID("m"), seed: 1)
            let target = plan.steps.lazy.map(\.action).compactMap { action -> HostID? in
                guard case .move(view.id, _, let target, _) = action else { return nil }
                return target
            }.first
            // Rest binds what nobody asked for only.
            guard verdicts.allSatisfy({ !$0.isResting }) else { continue }
            #expect(target == best.host, "seed \(seed), \(view.id)")
        }
    }
}

extension HostVerdict {
    fileprivate var isResting: Bool {
        if case .resting = misfit { true } else { false }
    }
}

extension Flip {
    /// The changes without one of them, and with one unit less of one amount.
    func lesser(than policy: Policy) -> [[Change]] {
        changes.indices.flatMap { index -> [[Change]] in
            var without = changes
            without.remove(at: index)
            return [without]
                + changes[index].lesser(than: policy).map { change in
                    var changed = changes
                    changed[index] = change
                    return changed
                }
        }
    }
}

extension Flip.Change {
    fileprivate func lesser(than policy: Policy) -> [Flip.Change] {
        switch self {
        case .room(let host, let room): room.lesser.map { .room(host, $0) }
        case .smaller(let id, let amount): amount.lesser.map { .smaller(id, by: $0) }
        case .ceilingCPU(let share): [.ceilingCPU(Share(permille: share.permille - 1))]
        case .ceilingMemory(let share): [.ceilingMemory(Share(permille: share.permille - 1))]
        case .rest(let rest): [.rest(rest + .milliseconds(1))]
        case .wait(let until): [.wait(until: Instant(milliseconds: until.milliseconds - 1))]
        case .reserve(let hosts):
            hosts + 1 < policy.reservedHosts(among: 3) ? [.reserve(hosts + 1)] : []
        case .recovery(let id, let time): [.recovery(id, time - .milliseconds(1))]
        case .ready, .capability, .label, .unlabel, .untaint, .leave, .bring, .settle, .run,
            .tolerate, .dropNeed, .dropAvoid, .dropApart, .dropSpread, .allow:
            []
        }
    }
}

extension Resources {
    /// One unit less in each of the resources that there are.
    fileprivate var lesser: [Resources] {
        var all: [Resources] = []
        func less(_ resource: Resources) {
            if resource != .zero { all.append(reduced(by: resource)) }
        }
        if cpu > .zero { less(Resources(cpu: CPU(millicores: 1))) }
        if memory > .zero { less(Resources(memory: Bytes(1))) }
        if disk > .zero { less(Resources(disk: Bytes(1))) }
        if network > .zero { less(Resources(network: BytesPerSecond(1))) }
        for scalar in scalars where scalar.amount > 0 {
            less(Resources(scalars: [Scalar(name: scalar.name, amount: 1)]))
        }
        return all
    }
}
