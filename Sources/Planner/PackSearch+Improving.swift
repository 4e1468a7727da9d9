import ClusterModel

extension PackSearch {
    /// Everything that can move packed afresh onto `count` hosts, or `nil` when that fails.
    mutating func repacked(onto count: Int, by repacking: Repacking) -> Layout? {
        var layout = start
        let movable = units.indices.filter { units[$0].isMovable }
        for index in movable {
            for member in units[index].members { layout.lift(member, terrain) }
        }
        let pinned = terrain.hosts.indices.filter { layout.isOccupied($0, terrain) }
        guard pinned.count <= count else { return nil }
        let others = terrain.hosts.indices.filter { host in
            !pinned.contains(host) && terrain.hosts[host].takes
        }
        let ranked: [Int] =
            switch repacking.keep {
            case .costliest:
                others.sorted {
                    (costToEmpty($1, in: start), $0) < (costToEmpty($0, in: start), $1)
                }
            case .largest:
                others.sorted { (size(of: $1), $0) < (size(of: $0), $1) }
            }
        let kept = (pinned + ranked.prefix(count - pinned.count)).sorted()
        for index in order(movable, repacking.units) {
            guard checksLeft > 0 else { return nil }
            let unit = units[index]
            let home =
                repacking.prefersHome ? unit.home.flatMap { kept.contains($0) ? $0 : nil } : nil
            let host: Int
            if let home, staysWithin(unit, on: home, in: layout) {
                host = home
            } else if let found = target(for: index, among: kept, in: layout, repacking.fit) {
                host = found
            } else {
                return nil
            }
            for member in unit.members { layout.put(member, on: host, terrain) }
        }
        return shortOfReserve(layout) == nil ? layout : nil
    }

    /// Whether `unit` may be on its home again in a layout that was packed afresh.
    private mutating func staysWithin(_ unit: Unit, on home: Int, in layout: Layout) -> Bool {
        checksLeft -= 1
        return terrain.hosts[home].takes
            && terrain.refusal(of: unit.members, on: home, in: layout, staying) == nil
    }

    /// The layout after emptying further hosts where a smaller unit has to give way first.
    mutating func ejected(from layout: Layout) -> Layout {
        var best = layout
        for host in order(emptyable(in: best), .cheapest, in: best) {
            guard checksLeft > 0 else { break }
            var trial = best
            let targets = terrain.hosts.indices.filter {
                $0 != host && terrain.hosts[$0].takes && best.isOccupied($0, terrain)
            }
            var isEmptied = true
            for index in order(units(on: host, in: trial), UnitOrder.widest) {
                if let target = target(for: index, among: targets, in: trial, .fullest) {
                    move(units[index], to: target, in: &trial)
                } else if !eject(for: index, among: targets, in: &trial) {
                    isEmptied = false
                    break
                }
            }
            if isEmptied, shortOfReserve(trial) == nil { best = trial }
        }
        return best
    }

    /// Makes room for unit `index` on one of `targets` by moving another unit on to a third.
    private mutating func eject(for index: Int, among targets: [Int], in layout: inout Layout)
        -> Bool
    {
        for target in targets {
            for other in units(on: target, in: layout) where units[other].isMovable {
                guard checksLeft > 0 else { return false }
                guard roomAppears(for: units[index], on: target, without: units[other], in: layout)
                else { continue }
                var trial = layout
                let rest = targets.filter { $0 != target }
                guard let third = self.target(for: other, among: rest, in: trial, .fullest) else {
                    continue
                }
                move(units[other], to: third, in: &trial)
                guard fits(units[index], on: target, in: trial) else { continue }
                move(units[index], to: target, in: &trial)
                layout = trial
                return true
            }
        }
        return false
    }

    mutating func roomAppears(
        for unit: Unit, on host: Int, without other: Unit, in layout: Layout
    ) -> Bool {
        checksLeft -= 1
        return unit.demand.indices.allSatisfy { dimension in
            layout.load(host, dimension) + UInt128(unit.demand[dimension])
                <= UInt128(terrain.hosts[host].ceiling[dimension])
                + UInt128(other.demand[dimension])
        }
    }

    /// A candidate with the same hosts or fewer at less cost: units return home, and hosts swap
    /// their roles.
    mutating func polished(_ candidate: Candidate) -> Candidate {
        var best = candidate
        var isImproving = true
        while isImproving, checksLeft > 0 {
            isImproving = false
            for isSparing in [false, true] {
                let returned = returnedHome(best, isSparing: isSparing)
                if returned.isBetter(than: best) {
                    best = returned
                    isImproving = true
                }
            }
            let traded = traded(best)
            if traded.isBetter(than: best) {
                best = traded
                isImproving = true
            }
            if let swapped = swapped(best) {
                best = swapped
                isImproving = true
            }
        }
        return best
    }

    /// - Parameter isSparing: whether the emptiest host is left as it is, because the reserve may
    ///   need it so.
    private mutating func returnedHome(_ candidate: Candidate, isSparing: Bool) -> Candidate {
        var layout = candidate.layout
        let spare =
            isSparing
            ? terrain.hosts.indices.filter { layout.isOccupied($0, terrain) }
                .min { layout.occupants[$0].count < layout.occupants[$1].count } : nil
        for unit in units where unit.isMovable {
            guard let home = unit.home, host(of: unit, in: layout) != home, checksLeft > 0,
                layout.isOccupied(home, terrain), terrain.hosts[home].takes, home != spare
            else { continue }
            checksLeft -= 1
            guard terrain.refusal(of: unit.members, on: home, in: layout, staying) == nil else {
                continue
            }
            move(unit, to: home, in: &layout)
        }
        guard shortOfReserve(layout) == nil else { return candidate }
        return judged(layout)
    }

    /// Fills an emptied host with all that a kept one holds, where that costs less.
    private mutating func swapped(_ candidate: Candidate) -> Candidate? {
        let layout = candidate.layout
        let emptied = terrain.hosts.indices.filter {
            terrain.hosts[$0].takes && !start.occupants[$0].isEmpty
                && !layout.isOccupied($0, terrain)
        }
        for kept in emptyable(in: layout) {
            for host in emptied where checksLeft > 0 {
                let inside = units(on: kept, in: layout)
                let saved = inside.reduce(UInt64(0)) {
                    units[$1].home == host ? $0.saturatingSum(units[$1].cost) : $0
                }
                let added = inside.reduce(UInt64(0)) {
                    units[$1].home == kept ? $0.saturatingSum(units[$1].cost) : $0
                }
                guard saved > added, let trial = exchange(kept, for: host, in: layout) else {
                    continue
                }
                let judgement = judged(trial)
                if judgement.isBetter(than: candidate), shortOfReserve(trial) == nil {
                    return judgement
                }
            }
        }
        return nil
    }

    private mutating func exchange(_ kept: Int, for host: Int, in layout: Layout) -> Layout? {
        var trial = layout
        for index in units(on: kept, in: layout) {
            let unit = units[index]
            checksLeft -= 1
            let freedom = unit.home == host ? staying : liberty
            guard terrain.refusal(of: unit.members, on: host, in: trial, freedom) == nil else {
                return nil
            }
            move(unit, to: host, in: &trial)
        }
        return trial
    }
}
