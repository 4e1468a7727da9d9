import ClusterModel

extension World {
    /// How wild a drawn cluster is.
    struct Shape: Sendable {
        var hosts = 2...6
        var instances = 2...14
        /// One in how many workloads has each kind of rule; zero for none.
        var oneInRules: UInt64 = 6
        /// Whether some hosts drain, some instances are held and some room is reserved.
        var isTroubled = true
        /// The largest demand, in twentieths of a common host.
        var largest: UInt64 = 9
        /// Whether demand is joint; `nil` for some.
        var isJoint: Bool?
        /// Whether hosts sleep though nothing is troubled.
        var sleeps = false

        static let small = Shape()
        static let tiny = Shape(hosts: 2...4, instances: 1...6)
        static let plain = Shape(oneInRules: 0, isTroubled: false)
    }

    /// A cluster drawn from `seed`; the same for the same seed.
    static func drawn(_ seed: UInt64, _ shape: Shape) -> World {
        var dice = SplitMix64(seed: seed)
        var world = World(policy: drawnPolicy(&dice))
        let hosts = Int.random(in: shape.hosts, using: &dice)
        for index in 0..<hosts { world.addHost(index, shape, &dice) }
        var left = Int.random(in: shape.instances, using: &dice)
        var name = 0
        while left > 0 {
            let count = dice.hits(4) ? min(left, 3) : 1
            world.addWorkload("w\(name)", count: count, shape, &dice)
            name += 1
            left -= count
        }
        if shape.isTroubled, dice.hits(4), let view = world.instances.randomElement(using: &dice),
            let host = world.hosts.randomElement(using: &dice)
        {
            world.reservations.append(
                Snapshot.Reservation(plan: PlanID("other"), instance: view.id, host: host.id))
        }
        // By dice of their own, so that everything else is the same with either rule.
        var jointDice = SplitMix64(seed: seed ^ 0x101)
        if shape.isJoint ?? jointDice.hits(3) { world.drawJointDemand(&jointDice) }
        if shape.isTroubled || shape.sleeps { world.drawSleepers(seed) }
        return world
    }

    /// Some hosts say how long they take to wake, some of the empty ones sleep, and some workloads restart in time.
    private mutating func drawSleepers(_ seed: UInt64) {
        var dice = SplitMix64(seed: seed ^ 0x51EE)
        let occupied = Set(instances.compactMap(\.host) + reservations.map(\.host))
        let times: [Duration] = [.seconds(30), .seconds(90), .seconds(200)]
        hosts = hosts.map { view in
            guard dice.hits(2) else { return view }
            let time = times[Int(dice.below(3))]
            let sleeps = view.host.state == .ready && !occupied.contains(view.id) && dice.hits(2)
            return Snapshot.HostView(
                host: view.host.with(
                    state: sleeps ? .asleep : nil, capacity: view.host.capacity.waking(in: time)),
                changed: view.changed, use: view.use)
        }
        var recovery: [WorkloadID: Duration] = [:]
        for view in instances where recovery[view.workload.name] == nil {
            let waits: [Duration] = [.seconds(1), .seconds(30), .seconds(100), .seconds(500)]
            recovery[view.workload.name] =
                dice.hits(2) ? .zero : HostLoss.certainty + waits[Int(dice.below(4))]
        }
        instances = instances.map { view in
            guard let time = recovery[view.workload.name], time > .zero,
                let workload = view.workload.restarting(within: time)
            else { return view }
            return Snapshot.InstanceView(
                instance: view.instance, workload: workload, changed: view.changed, use: view.use,
                day: view.day)
        }
    }

    private static func drawnPolicy(_ dice: inout SplitMix64) -> Policy {
        Policy(
            demand: .reserved, ceilingCPU: .percent(dice.hits(2) ? 100 : 80),
            ceilingMemory: .percent(dice.hits(2) ? 100 : 90), hotCPU: .percent(100),
            reserve: .hosts(Int(dice.below(4)) / 3 * Int(1 + dice.below(2))), rest: .zero,
            movesPerHost: 1 + Int(dice.below(3)), movesPerCluster: 1 + Int(dice.below(4)),
            movesPerDomain: dice.hits(3)
                ? Policy.DomainBudget(moves: 1 + Int(dice.below(2)), label: "zone") : nil)
    }

    private mutating func addHost(_ index: Int, _ shape: Shape, _ dice: inout SplitMix64) {
        let isOdd = shape.isTroubled && dice.hits(8)
        add(
            host: "h\(index)", cpu: [800, 1000, 1000, 2000][Int(dice.below(4))],
            memory: [1000, 1000, 2000][Int(dice.below(3))],
            labels: [Label(name: "zone", value: ["a", "b"][Int(dice.below(2))])],
            taints: isOdd && dice.hits(3) ? [Label(name: "odd", value: "yes")] : [],
            state: isOdd ? [.draining, .lost, .ready][Int(dice.below(3))] : .ready,
            drivers: isOdd ? [.podman] : [.podman, .qemu, .network])
    }

    private mutating func addWorkload(
        _ name: String, count: Int, _ shape: Shape, _ dice: inout SplitMix64
    ) {
        func rule() -> Bool { shape.oneInRules > 0 && dice.hits(shape.oneInRules) }
        func label(_ name: String, _ values: [String]) -> Labels {
            Labels([Label(name: name, value: values[Int(dice.below(UInt64(values.count)))])])
        }
        let workload = try? Workload(
            kind: dice.hits(4) ? .vm : .container, name: WorkloadID(name), count: count,
            labels: label("app", ["x", "y", "z"]), image: .named("image"),
            size: Resources(
                cpu: CPU(millicores: 50 * (1 + dice.below(shape.largest))),
                memory: .mebibytes(50 * (1 + dice.below(shape.largest)))),
            rules: Rules(
                need: rule() ? label("zone", ["a", "b"]) : .none,
                avoid: rule() ? label("zone", ["a", "b"]) : .none,
                prefer: rule() ? label("zone", ["a", "b"]) : .none,
                apart: rule() ? label("app", ["x", "y", "z"]) : .none,
                together: rule() && dice.hits(2) ? label("app", ["x", "y", "z"]) : .none,
                spread: rule() ? "zone" : nil, priority: Int(dice.below(3))),
            move: MovePreference(
                allow: rule() && dice.hits(2)
                    ? [.live]
                    : count.isMultiple(of: 2) ? [.relocate, .restart] : [.live, .restart]))
        guard let workload else { return }
        for index in 0..<count {
            let isPending = shape.isTroubled && dice.hits(10)
            add(workload, index: index, on: isPending ? nil : drawnHost(for: workload, &dice))
        }
    }

    /// Mostly a host with room, so that breaches are there but not everywhere.
    private func drawnHost(for workload: Workload, _ dice: inout SplitMix64) -> String? {
        for _ in 0..<8 {
            guard let view = hosts.randomElement(using: &dice) else { return nil }
            let used = instances.filter { $0.host == view.id }
                .reduce(workload.reservation) { $0 + $1.reserved }
            if used.misfit(in: policy.ceiling(of: view.host.capacity.allocatable)) == nil {
                return view.id.rawValue
            }
        }
        return dice.hits(4) ? hosts.first?.id.rawValue : nil
    }
}

extension Workload {
    /// The same, restarting after the loss of its host within `time`.
    func restarting(within time: Duration) -> Workload? {
        try? Workload(
            kind: kind, name: name, count: count, labels: labels, image: image, program: program,
            storage: storage, size: size, limit: limit, rules: rules, move: move,
            onHostLoss: .restart, floor: floor, recoveryTime: time)
    }
}

extension SplitMix64 {
    mutating func below(_ bound: UInt64) -> UInt64 { next() % max(1, bound) }

    /// True once in `sides`.
    mutating func hits(_ sides: UInt64) -> Bool { below(sides) == 0 }
}
