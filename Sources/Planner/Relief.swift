import ClusterModel

/// The choice of what leaves a hot host.
struct Relief {
    let terrain: Terrain
    let liberty: Liberty
    let source: Int
    private(set) var layout: Layout
    /// Processor time above what its instances count for, as last measured.
    private let unexplained: UInt128

    init(_ terrain: Terrain, _ liberty: Liberty, _ source: Int) {
        self.terrain = terrain
        self.liberty = liberty
        self.source = source
        let layout = Layout(terrain)
        self.layout = layout
        let measured = UInt128(terrain.snapshot.hosts[source].use.last?.cpu.mean ?? 0)
        let counted = terrain.counted(0, on: source, in: layout)
        unexplained = measured > counted ? measured - counted : 0
    }

    mutating func run() {
        var moved: [[Int]] = []
        while let excess = excess(in: layout), let next = best(for: excess) {
            for member in next.members where layout.host(of: member) != next.target {
                layout.move(member, to: next.target, terrain)
            }
            moved.append(next.members)
        }
        giveBack(moved)
    }

    /// What each dimension has above its ceiling, or `nil` when none has.
    private func excess(in layout: Layout) -> [UInt128]? {
        let excess = terrain.dimensions.indices.map { dimension -> UInt128 in
            // What is only expected makes no host hot; it is asked of targets.
            guard terrain.dimensions[dimension] != .expectedCPU else { return 0 }
            let load =
                terrain.counted(dimension, on: source, in: layout)
                + (dimension == 0 ? unexplained : 0)
            let ceiling = UInt128(terrain.hosts[source].ceiling[dimension])
            return load > ceiling ? load - ceiling : 0
        }
        return excess.contains { $0 > 0 } ? excess : nil
    }

    /// The cheapest group that is enough by itself, else the one that relieves most for its cost.
    private func best(for excess: [UInt128]) -> (members: [Int], target: Int)? {
        var enough: (cost: UInt64, members: [Int], target: Int)?
        var most: (rate: Double, members: [Int], target: Int)?
        for members in terrain.groups(on: source, in: layout) {
            let relief = excess.indices.map { dimension in
                members.reduce(UInt128(0)) {
                    layout.host(of: $1) == source
                        ? $0 + UInt128(terrain.instances[$1].demand[dimension]) : $0
                }
            }
            guard zip(relief, excess).contains(where: { min($0, $1) > 0 }),
                let target = terrain.choices(
                    for: members, among: Array(terrain.hosts.indices), in: layout, liberty
                ).first
            else { continue }
            let cost = members.reduce(UInt64(0)) {
                $0.saturatingSum(terrain.cost(of: $1, to: target, liberty))
            }
            if zip(relief, excess).allSatisfy({ $0 >= $1 }) {
                if enough.map({ (cost, members.first ?? 0) < ($0.cost, $0.members.first ?? 0) })
                    ?? true
                {
                    enough = (cost, members, target)
                }
            }
            let share = zip(relief, excess).reduce(0.0) {
                $1.1 > 0 ? $0 + Double(min($1.0, $1.1)) / Double($1.1) : $0
            }
            let rate = share / Double(max(1, cost))
            if most.map({ rate > $0.rate }) ?? true { most = (rate, members, target) }
        }
        if let enough { return (enough.members, enough.target) }
        return most.map { ($0.members, $0.target) }
    }

    /// Sends home what was moved early and is not needed any more.
    private mutating func giveBack(_ moved: [[Int]]) {
        guard excess(in: layout) == nil else { return }
        for members in moved {
            var trial = layout
            for member in members {
                guard let home = terrain.instances[member].home else { continue }
                trial.move(member, to: home, terrain)
            }
            if excess(in: trial) == nil { layout = trial }
        }
    }
}
