import ClusterModel

/// The choice of what moves so that no rule is broken where instances are, with the fewest moves.
///
/// Whatever repairs a broken rule moves one of those that break it, so a search that branches over
/// those alone, with one move more at a time, finds the fewest. Its effort is counted; where it is
/// used up, one move for each broken rule is looked for instead.
struct Repair {
    let terrain: Terrain
    let liberty: Liberty
    /// What is broken before the plan.
    let faults: [Fault]
    private let start: Layout
    /// Where each instance may go as far as the two hosts are concerned.
    private let targets: [[Int]]
    /// Nodes of the search that may still be visited.
    private var nodesLeft = Limits.repairNodes

    /// A layout and the steps that lead there.
    struct Outcome {
        let layout: Layout
        let moves: Int
        let cost: UInt64
    }

    /// A search in the middle: who has moved where.
    struct State {
        var layout: Layout
        var moved = Set<Int>()
    }

    init(_ terrain: Terrain, _ liberty: Liberty) {
        self.terrain = terrain
        self.liberty = liberty
        let layout = Layout(terrain)
        start = layout
        faults = terrain.faults(in: State(layout: layout))
        let touched = Set(faults.flatMap { terrain.culprits(of: $0, in: layout) })
        let isSmall = Self.isSmall(terrain)
        targets = terrain.instances.indices.map { instance in
            // Others are only moved by the search for the fewest moves, which makes room.
            let mayMove = touched.contains(instance) || isSmall && !touched.isEmpty
            return mayMove ? terrain.targets(of: instance, liberty) : []
        }
    }

    private static func isSmall(_ terrain: Terrain) -> Bool {
        terrain.hosts.count <= Limits.smallCluster
            && terrain.instances.count <= Limits.repairInstances
    }

    /// The best that was found: most broken rules repaired, then the fewest moves.
    mutating func run() -> Layout {
        guard !faults.isEmpty else { return start }
        // What no one of those that break it can leave is not looked for.
        let hopeless = Set(
            faults.filter { fault in
                terrain.culprits(of: fault, in: start).allSatisfy { targets[$0].isEmpty }
            })
        guard hopeless.count < faults.count else { return start }
        let direct = stepByStep(hopeless)
        guard Self.isSmall(terrain) else { return direct }
        if let found = fewest(waiving: hopeless) { return found.layout }
        return asMany(but: hopeless, orElse: direct)
    }

    // MARK: The fewest moves

    /// The fewest moves after which only what is in `waived` is broken, and no worse than before.
    private mutating func fewest(waiving waived: Set<Fault>) -> Outcome? {
        var best: Outcome?
        for moves in 0...Limits.repairMoves {
            if let best, best.moves <= moves { break }
            var leaves: [Outcome] = []
            visit(State(layout: start), moves, waived, &leaves)
            leaves.sort { $0.cost < $1.cost }
            for leaf in leaves.prefix(Limits.sequenced) {
                guard let steps = Sequencer.steps(to: leaf.layout, in: terrain, liberty) else {
                    continue
                }
                if best.map({ steps.count < $0.moves }) ?? true {
                    best = Outcome(layout: leaf.layout, moves: steps.count, cost: leaf.cost)
                }
                if steps.count == moves { break }
            }
            if nodesLeft <= 0 { break }
        }
        return best
    }

    private mutating func visit(
        _ state: State, _ moves: Int, _ waived: Set<Fault>, _ leaves: inout [Outcome]
    ) {
        guard nodesLeft > 0 else { return }
        nodesLeft -= 1
        let open = terrain.faults(in: state).filter {
            !waived.contains($0) || terrain.isWorse($0, in: state)
        }
        guard let fault = open.first else {
            leaves.append(
                Outcome(
                    layout: state.layout, moves: moves,
                    cost: terrain.cost(of: state.layout, liberty)))
            return
        }
        let misplaced = open.count { if case .misplaced = $0 { true } else { false } }
        guard moves >= max(1, misplaced) else { return }
        for culprit in terrain.culprits(of: fault, in: state.layout)
        where !state.moved.contains(culprit) {
            for host in targets[culprit] {
                var next = state
                next.layout.move(culprit, to: host, terrain)
                next.moved.insert(culprit)
                visit(next, moves - 1, waived, &leaves)
            }
        }
    }

    /// As many faults as can be repaired together, in their order, where not all can.
    private mutating func asMany(but hopeless: Set<Fault>, orElse direct: Layout) -> Layout {
        var waived = Set(faults)
        var best: Layout?
        for fault in faults where !hopeless.contains(fault) {
            waived.remove(fault)
            nodesLeft = Limits.repairNodes
            if let found = fewest(waiving: waived) {
                best = found.layout
            } else {
                waived.insert(fault)
            }
        }
        guard let best else { return direct }
        let left = terrain.faults(in: State(layout: best)).count
        return left <= terrain.faults(in: State(layout: direct)).count ? best : direct
    }

    // MARK: One at a time

    /// For each broken rule the one move, of a group as a whole, that repairs most at the least cost.
    private func stepByStep(_ hopeless: Set<Fault>) -> Layout {
        var state = State(layout: start)
        for fault in faults where !hopeless.contains(fault) {
            guard terrain.faults(in: state).contains(fault) else { continue }
            let known = terrain.faults(in: state).count
            var best: (left: Int, moves: Int, cost: UInt64, state: State)?
            for culprit in terrain.culprits(of: fault, in: state.layout)
            where !targets[culprit].isEmpty {
                let place = state.layout.host(of: culprit)
                let unit = terrain.companions(of: culprit).filter {
                    state.layout.host(of: $0) == place
                }
                guard
                    let target = terrain.choices(
                        for: unit, among: Array(terrain.hosts.indices), in: state.layout, liberty
                    ).first, unit.allSatisfy({ !state.moved.contains($0) })
                else { continue }
                var next = state
                for member in unit {
                    next.layout.move(member, to: target, terrain)
                    next.moved.insert(member)
                }
                let left = terrain.faults(in: next).count
                let cost = terrain.cost(of: next.layout, liberty)
                guard left < known,
                    best.map({ (left, unit.count, cost) < ($0.left, $0.moves, $0.cost) }) ?? true
                else { continue }
                best = (left, unit.count, cost, next)
            }
            if let best { state = best.state }
        }
        return state.layout
    }
}
