import ClusterModel

extension PackSearch {
    /// Layouts with fewer hosts than `layout` by ejections (`EjectionSearch`), each with fewer than
    /// the one before.
    ///
    /// A host is given up, the smallest first, and what was on it pushes its way in elsewhere. Where
    /// that fails, everything is put onto as many of the largest hosts. The reserve is nothing that
    /// a unit can see, so it is left out of that, and spare hosts are taken back for it.
    mutating func chained(from layout: Layout, atLeast lower: Int, seed: UInt64) -> [Layout] {
        var found: [Layout] = []
        var best = layout
        var fewest = layout.occupiedHosts(terrain)
        var rounds: UInt64 = 0
        var keeps = KeepOrder.costliest
        // A layout that the reserve refuses has a host less than one with a spare.
        let least = max(1, liberty.keepsReserve && reserve.hosts > 0 ? lower - 1 : lower)
        while checksLeft > 0, best.occupiedHosts(terrain) > least {
            if let next = chained(best, keeps, seed: seed &+ rounds),
                next.occupiedHosts(terrain) < best.occupiedHosts(terrain)
            {
                best = next
                rounds += 1
                if let bearable = spared(next, below: fewest) {
                    fewest = bearable.occupiedHosts(terrain)
                    found.append(bearable)
                }
            } else if keeps == .costliest {
                keeps = .largest
            } else {
                break
            }
        }
        return found
    }

    /// `layout` with as many hosts taken back, the largest first, as the reserve asks for; each gets
    /// the smallest of the units that were on it, so that the rest of it is spare.
    private func spared(_ layout: Layout, below limit: Int) -> Layout? {
        var layout = layout
        var spares = terrain.hosts.indices.filter {
            terrain.hosts[$0].takes && !layout.isOccupied($0, terrain)
        }.map { (size(of: $0), $0) }.sorted { ($1.0, $0.1) < ($0.0, $1.1) }.map(\.1)[...]
        while layout.occupiedHosts(terrain) < limit {
            guard shortOfReserve(layout) != nil else { return layout }
            guard layout.occupiedHosts(terrain) + 1 < limit, let host = spares.popFirst() else {
                return nil
            }
            let returning = units(on: host, in: start).filter { index in
                units[index].isMovable
                    && terrain.refusal(of: units[index].members, on: host, in: layout, staying)
                        == nil
            }.min { (units[$0].width, $0) < (units[$1].width, $1) }
            if let returning { move(units[returning], to: host, in: &layout) }
        }
        return nil
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
        while chains.bins > ground.kept { guard chains.dropBin() else { return nil } }
        while steps < Limits.ejections, chains.checks < checksLeft {
            steps += 1
            guard chains.step() else { continue }
            var next = layout
            for (item, unit) in ground.units.enumerated() {
                move(units[unit], to: chains.rules.hosts[Int(chains.binOf[item])], in: &next)
            }
            checksLeft -= chains.checks
            return next
        }
        checksLeft -= chains.checks
        return nil
    }
}
