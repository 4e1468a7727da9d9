import ClusterModel

extension PackSearch {
    /// Layouts with fewer hosts than `layout` by ejections (`EjectionSearch`), each with fewer than
    /// the one before.
    ///
    /// A host is given up, the smallest first, and what was on it pushes its way in elsewhere. Where
    /// that fails, everything is put onto as many of the largest hosts.
    mutating func chained(from layout: Layout, atLeast lower: Int, seed: UInt64) -> [Layout] {
        var found: [Layout] = []
        var best = layout
        var keeps = KeepOrder.costliest
        while checksLeft > 0, best.occupiedHosts(terrain) > max(lower, 1) {
            if let next = chained(best, keeps, seed: seed &+ UInt64(found.count)),
                next.occupiedHosts(terrain) < best.occupiedHosts(terrain)
            {
                best = next
                found.append(next)
            } else if keeps == .costliest {
                keeps = .largest
            } else {
                break
            }
        }
        return found
    }

    /// A layout with a host less than `layout`.
    private mutating func chained(_ layout: Layout, _ keeps: KeepOrder, seed: UInt64) -> Layout? {
        guard let ground = ChainGround(self, layout, keeps) else { return nil }
        let lanes = LaneLayout(capacities: ground.largest)
        switch lanes.words {
        case 1: return chained(ground, PackedWord.self, lanes, layout, seed)
        case 2: return chained(ground, PackedWords<SIMD2<UInt64>>.self, lanes, layout, seed)
        case 3...4: return chained(ground, PackedWords<SIMD4<UInt64>>.self, lanes, layout, seed)
        case 5...8: return chained(ground, PackedWords<SIMD8<UInt64>>.self, lanes, layout, seed)
        default: return nil
        }
    }

    private mutating func chained<Vector: PackedVector>(
        _ ground: ChainGround, _: Vector.Type, _ lanes: LaneLayout, _ layout: Layout, _ seed: UInt64
    ) -> Layout? {
        let field = PackingField<Vector>(
            items: ground.units.count, sizes: ground.sizes, capacities: ground.largest, lanes)
        let guards: Vector = field.guards
        var chains = EjectionSearch(
            field,
            capacity: ContiguousArray(ground.rooms.map { lanes.packed($0) &+ guards }),
            rules: HostRules(
                self, units: ground.units, hosts: ground.hosts, layout: ground.base,
                worths: ground.worths),
            binOf: ground.binOf, slots: ground.slots, seed: seed)
        var steps = 0
        var refused = 0
        while chains.bins > ground.kept { guard chains.dropBin() else { return nil } }
        while steps < Limits.ejections, chains.checks < checksLeft {
            steps += 1
            guard chains.step() else { continue }
            var next = layout
            for (item, unit) in ground.units.enumerated() {
                move(units[unit], to: chains.rules.hosts[Int(chains.binOf[item])], in: &next)
            }
            if shortOfReserve(next) == nil {
                checksLeft -= chains.checks
                return next
            }
            refused += 1
            guard refused < Limits.disturbances else { break }
            chains.disturb()
        }
        checksLeft -= chains.checks
        return nil
    }
}
