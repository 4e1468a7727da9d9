import ClusterModel
import PlanAudit
import Planner
import Testing

/// Who gives way: in drawn clusters that are full, and against trying every set of those who may.
@Suite struct PreemptionLaws {
    private func world(_ seed: UInt64, _ shape: World.Shape) -> World {
        var world = World.drawn(seed, shape)
        world.policy.preempt = .lower
        return world
    }

    private func crowded(_ seed: UInt64) -> World {
        world(seed, World.Shape(hosts: 2...5, instances: 8...26, oneInRules: 6))
    }

    private func waiting(_ world: World) -> [InstanceID] {
        world.instances.filter { $0.host == nil }.map(\.id).sorted()
    }

    private func place(_ instances: [InstanceID], _ world: World) throws -> Plan {
        try Planner(policy: world.policy, changed: Revision(3))
            .place(instances, in: world.snapshot, id: PlanID("p"), seed: 1)
    }

    @Test("every plan for which others give way passes the audit", arguments: PlannerLaws.seeds)
    func audited(seed: UInt64) throws {
        let world = crowded(seed)
        let plan = try place(waiting(world), world)
        let found = PlanAudit(policy: world.policy).violations(of: plan, in: world.snapshot)
        #expect(found == [], "seed \(seed): \(Rendering.lines(of: plan))")
        for order in UInt64(0)..<8 {
            var run = Interleaving(plan, in: world, seed: seed &* 31 &+ order)
            run.run()
            #expect(run.problems == [], "seed \(seed), order \(order)")
        }
    }

    @Test("none gives way to its equals, and each knows to whom", arguments: PlannerLaws.seeds)
    func ranked(seed: UInt64) throws {
        let world = crowded(seed)
        let plan = try place(waiting(world), world)
        func priority(_ id: InstanceID) -> Int {
            world.instances.first { $0.id == id }?.workload.rules.priority ?? .max
        }
        var victims = Set<InstanceID>()
        for entry in plan.rationale {
            switch entry.decision {
            case .moved(let from, _, .displaced(let other)),
                .stopped(let from, .displaced(let other)):
                victims.insert(entry.instance)
                #expect(priority(other) > priority(entry.instance), "seed \(seed)")
                let cause = plan.rationale.first { $0.instance == other }?.decision
                guard case .placed(from, .displaces(let all)) = cause else {
                    Issue.record("seed \(seed): \(Rendering.lines(of: plan))")
                    continue
                }
                #expect(all.contains(entry.instance), "seed \(seed)")
            case .placed(_, .displaces(let all)): #expect(!all.isEmpty, "seed \(seed)")
            case .placed, .moved, .stays, .stopped, .pending: continue
            }
        }
        let left = plan.steps.filter { if case .start = $0.action { false } else { true } }
        #expect(Set(left.compactMap(\.leaving)) == victims, "seed \(seed)")
    }

    @Test("nobody gives way unless the policy says so", arguments: PlannerLaws.seeds)
    func off(seed: UInt64) throws {
        var world = crowded(seed)
        world.policy.preempt = .off
        let plan = try place(waiting(world), world)
        #expect(plan.steps.allSatisfy { $0.leaving == nil }, "seed \(seed)")
    }

    @Test(
        "as few give way as any choice of one host allows",
        arguments: 0..<(PlannerLaws.seeds.upperBound * 3))
    func fewest(seed: UInt64) throws {
        var world = world(
            seed, World.Shape(hosts: 2...4, instances: 6...14, oneInRules: 5, largest: 7))
        world.policy.reserve = .hosts(0)
        for id in waiting(world) {
            let plan = try place([id], world)
            let fewest = DisplacementOptimum(world, id).fewest
            let count = plan.rationale.count {
                switch $0.decision {
                case .moved, .stopped: true
                case .placed, .stays, .pending: false
                }
            }
            let isPlaced = plan.rationale.contains {
                if case .placed = $0.decision { $0.instance == id } else { false }
            }
            #expect(
                isPlaced == (fewest != nil), "seed \(seed), \(id): \(Rendering.lines(of: plan))")
            #expect(
                count == fewest ?? 0, "seed \(seed), \(id): \(Rendering.lines(of: plan))")
        }
    }

    @Test("what gave way comes back where its files are", arguments: PlannerLaws.seeds)
    func comesBack(seed: UInt64) throws {
        let world = crowded(seed)
        let plan = try place(waiting(world), world)
        var run = Interleaving(plan, in: world, seed: seed)
        run.run()
        var after = run.end
        let stopped = after.instances.filter(\.isDisplaced)
        // Those that were more important go again.
        let fresh = Set(waiting(world))
        after.instances.removeAll { fresh.contains($0.id) }
        let again = try place(stopped.map(\.id), after)
        let found = PlanAudit(policy: world.policy).violations(of: again, in: after.snapshot)
        #expect(found == [], "seed \(seed): \(Rendering.lines(of: again))")
        for view in stopped {
            let entry = try #require(again.rationale.first { $0.instance == view.id })
            if case .placed(let host, _) = entry.decision { #expect(host == view.host) }
            // Those that it has to be with have hosts of their own.
            let elsewhere = entry.refusals.filter { $0.host != view.host }.map(\.misfit)
            #expect(
                elsewhere.allSatisfy { misfit in
                    switch misfit {
                    case .files, .hostState, .driver, .taint, .need, .avoid, .move: true
                    default: false
                    }
                }, "seed \(seed): \(Rendering.text(entry))")
        }
    }
}

extension Step {
    /// The instance that this step takes off its host.
    fileprivate var leaving: InstanceID? {
        switch action {
        case .start: nil
        case .stop(let id, _), .move(let id, _, _, _): id
        }
    }
}

/// The fewest that have to leave one host for an instance to fit there, by trying every set.
struct DisplacementOptimum {
    private let world: World
    private let view: Snapshot.InstanceView
    private let demand: PlainDemand

    init(_ world: World, _ id: InstanceID) {
        self.world = world
        view = world.snapshot.instance(id) ?? world.snapshot.instances[0]
        demand = PlainDemand(world.snapshot, world.policy)
    }

    /// Zero where it fits as things are; `nil` where no set of those who may leave is enough.
    var fewest: Int? {
        guard !world.reservations.contains(where: { $0.instance == view.id }) else { return nil }
        return world.snapshot.hosts.compactMap { fewest(on: $0.host) }.min()
    }

    private func fewest(on host: Host) -> Int? {
        guard host.state == .ready, suits(host) else { return nil }
        let there = world.snapshot.instances.filter { $0.isPresent && $0.host == host.id }
        let open = there.filter(mayLeave)
        var best: Int?
        for set in 0..<(1 << open.count) {
            let gone = Set(open.indices.filter { set & (1 << $0) != 0 }.map { open[$0].id })
            guard gone.count < best ?? .max, fits(host, there.filter { !gone.contains($0.id) })
            else { continue }
            best = gone.count
        }
        return best
    }

    private func mayLeave(_ other: Snapshot.InstanceView) -> Bool {
        other.workload.rules.priority < view.workload.rules.priority
            && other.instance.desired == .running && !other.workload.move.allow.isEmpty
            && !world.reservations.contains { $0.instance == other.id } && !isBound(other)
    }

    /// Instances that the rules about sharing a host link to this one, directly or not.
    private var group: Set<InstanceID> {
        var group: Set<InstanceID> = [view.id]
        var grew = true
        while grew {
            grew = false
            for one in world.instances where group.contains(one.id) {
                for other in world.instances where !group.contains(other.id) {
                    guard
                        other.workload.labels.matches(one.workload.rules.together)
                            || one.workload.labels.matches(other.workload.rules.together)
                    else { continue }
                    group.insert(other.id)
                    grew = true
                }
            }
        }
        return group
    }

    private func isBound(_ other: Snapshot.InstanceView) -> Bool { group.contains(other.id) }

    private func suits(_ host: Host) -> Bool {
        let rules = view.workload.rules
        return host.capacity.capability(view.workload.kind == .vm ? .qemu : .podman)?.available
            == true && host.taints.pairs.isEmpty
            && rules.need.pairs.allSatisfy { host.labels[$0.name] == $0.value }
            && rules.avoid.pairs.allSatisfy { host.labels[$0.name] != $0.value }
    }

    private func fits(_ host: Host, _ there: [Snapshot.InstanceView]) -> Bool {
        let ghosts = world.reservations.filter { $0.host == host.id }.compactMap {
            world.snapshot.instance($0.instance)
        }.filter { ghost in !there.contains { $0.id == ghost.id } }
        let all = there + ghosts
        let clash = all.contains { other in
            other.workload.labels.matches(view.workload.rules.apart)
                || view.workload.labels.matches(other.workload.rules.apart)
        }
        guard !clash else { return false }
        let isSplit = world.instances.contains {
            $0.id != view.id && group.contains($0.id) && $0.isPresent && $0.host != host.id
        }
        guard !isSplit else { return false }
        guard fitsDomain(host) else { return false }
        let ceiling = world.policy.ceiling(of: host.capacity.allocatable)
        return demand.together(all.map(\.id) + [view.id]).misfit(in: ceiling) == nil
    }

    private func fitsDomain(_ host: Host) -> Bool {
        guard view.workload.rules.spread != nil else { return true }
        func zone(_ id: HostID) -> String { world.snapshot.host(id)?.host.labels["zone"] ?? "" }
        let zones = Set(world.hosts.map { zone($0.id) }).count
        let share = (view.workload.count + zones - 1) / zones
        let inside = world.instances.count { other in
            other.workload.name == view.workload.name && other.id != view.id
                && ((other.isPresent && other.host.map(zone) == zone(host.id))
                    || world.reservations.contains {
                        $0.instance == other.id && zone($0.host) == zone(host.id)
                    })
        }
        return inside + 1 <= share
    }
}
