import ClusterModel

/// Runs the steps of a plan in a drawn legal order, overlapping where the plan lets them, and
/// watches.
struct Interleaving {
    private let world: World
    private let plan: Plan
    private let demand: [InstanceID: Resources]
    private var dice: SplitMix64
    private(set) var problems: [String] = []
    private(set) var end: World

    init(_ plan: Plan, in world: World, seed: UInt64) {
        self.world = world
        self.plan = plan
        dice = SplitMix64(seed: seed)
        let snapshot = world.snapshot
        var demand: [InstanceID: Resources] = [:]
        for view in snapshot.instances {
            demand[view.id] = snapshot.demand(of: view, under: world.policy.demand)
        }
        self.demand = demand
        end = world
    }

    mutating func run() {
        var done = Set<Step.StepID>()
        var underway: [Step] = []
        var waiting = plan.steps
        let allowed = limits()
        while !waiting.isEmpty || !underway.isEmpty {
            let ready = waiting.filter { $0.after.allSatisfy(done.contains) }
            guard !ready.isEmpty || !underway.isEmpty else {
                problems.append("stuck with \(waiting.count) steps")
                return
            }
            if let next = ready.randomElement(using: &dice), underway.isEmpty || !dice.hits(3) {
                waiting.removeAll { $0.id == next.id }
                underway.append(next)
            } else {
                let finished = underway.remove(at: Int(dice.below(UInt64(underway.count))))
                done.insert(finished.id)
                end.carryOut(finished)
            }
            look(underway, allowed)
        }
    }

    /// Every state that any interleaving can reach, for plans of few steps.
    mutating func runAll() {
        struct State: Hashable {
            var done: Set<Int> = []
            var underway: Set<Int> = []
        }
        let allowed = limits()
        var seen: Set<State> = [State()]
        var queue = [State()]
        while let state = queue.popLast() {
            end = world
            // In order of numbers, which respects the order of the plan.
            for number in state.done.sorted() { end.carryOut(plan.steps[number]) }
            look(state.underway.sorted().map { plan.steps[$0] }, allowed)
            for step in plan.steps where !state.done.contains(step.id.number) {
                let number = step.id.number
                var next = state
                if state.underway.contains(number) {
                    next.underway.remove(number)
                    next.done.insert(number)
                } else if step.after.allSatisfy({ state.done.contains($0.number) }) {
                    next.underway.insert(number)
                } else {
                    continue
                }
                if seen.insert(next).inserted { queue.append(next) }
            }
        }
    }

    /// What each host may hold: its ceiling, or what it has now.
    private func limits() -> [HostID: Resources] {
        var limits: [HostID: Resources] = [:]
        let now = loads(world, [])
        for view in world.hosts {
            let ceiling = world.policy.ceiling(of: view.host.capacity.allocatable)
            limits[view.id] = ceiling.maximum(now[view.id] ?? .zero)
        }
        return limits
    }

    private func content(_ world: World, _ underway: [Step]) -> [HostID: Set<InstanceID>] {
        var content: [HostID: Set<InstanceID>] = [:]
        for view in world.instances {
            if view.isPresent, let host = view.host { content[host, default: []].insert(view.id) }
        }
        for reservation in world.reservations {
            content[reservation.host, default: []].insert(reservation.instance)
        }
        for step in underway {
            switch step.action {
            case .start(let id, let host), .move(let id, _, let host, _):
                content[host, default: []].insert(id)
            case .stop: break
            }
        }
        return content
    }

    private func loads(_ world: World, _ underway: [Step]) -> [HostID: Resources] {
        content(world, underway).mapValues { $0.reduce(.zero) { $0 + (demand[$1] ?? .zero) } }
    }

    private mutating func lookAtDomains(_ moves: [Step]) {
        guard let budget = world.policy.movesPerDomain else { return }
        var zones: [HostID: String] = [:]
        for view in world.hosts { zones[view.id] = view.host.labels[budget.label] }
        for zone in Set(zones.values).sorted() {
            let touching = moves.count { step in
                guard case .move(_, let source, let target, _) = step.action else { return false }
                return zones[source] == zone || zones[target] == zone
            }
            if touching > budget.moves { problems.append("\(touching) moves at once in \(zone)") }
        }
    }

    private mutating func look(_ underway: [Step], _ allowed: [HostID: Resources]) {
        for (host, load) in loads(end, underway).sorted(by: { $0.key < $1.key }) {
            if let misfit = load.misfit(in: allowed[host] ?? .zero) {
                problems.append("\(host) \(Rendering.text(misfit))")
            }
        }
        let moves = underway.filter { if case .move = $0.action { true } else { false } }
        if moves.count > world.policy.movesPerCluster {
            problems.append("\(moves.count) moves at once")
        }
        for view in world.hosts {
            let touching = moves.count { step in
                guard case .move(_, let source, let target, _) = step.action else { return false }
                return source == view.id || target == view.id
            }
            if touching > world.policy.movesPerHost {
                problems.append("\(touching) moves at once on \(view.id)")
            }
        }
        lookAtDomains(moves)
        let before = Set(meetings(content(world, [])))
        for meeting in meetings(content(end, underway)) where !before.contains(meeting) {
            problems.append("\(meeting) meet")
        }
    }

    /// Pairs on one host of which one must be apart from the other.
    private func meetings(_ content: [HostID: Set<InstanceID>]) -> [String] {
        content.sorted { $0.key < $1.key }.flatMap { host, ids in
            let views = world.instances.filter { ids.contains($0.id) }
            return views.flatMap { one in
                views.filter {
                    $0.id != one.id && $0.workload.labels.matches(one.workload.rules.apart)
                }.map { "\(one.id) and \($0.id) on \(host)" }
            }
        }
    }
}
