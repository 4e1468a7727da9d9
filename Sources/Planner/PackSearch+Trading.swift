extension PackSearch {
    /// A candidate at less cost in which units are home for which others made room.
    ///
    /// Whoever makes room goes home itself if it can, else to where the other was, else to any host
    /// that is kept; the dearest units are brought home first.
    mutating func traded(_ candidate: Candidate) -> Candidate {
        var layout = candidate.layout
        let away = units.indices.filter { index in
            units[index].isMovable && units[index].home != host(of: units[index], in: layout)
        }
        for index in away.sorted(by: { (units[$1].cost, $0) < (units[$0].cost, $1) }) {
            guard checksLeft > 0, let home = units[index].home, terrain.hosts[home].takes,
                layout.isOccupied(home, terrain)
            else { continue }
            bringHome(index, to: home, in: &layout)
        }
        guard shortOfReserve(layout) == nil else { return candidate }
        return judged(layout)
    }

    private mutating func bringHome(_ index: Int, to home: Int, in layout: inout Layout) {
        let unit = units[index]
        guard let place = host(of: unit, in: layout), place != home else { return }
        for other in units(on: home, in: layout) where units[other].isMovable {
            let isGain = units[other].home != home || units[other].cost < unit.cost
            guard isGain, roomAppears(for: unit, on: home, without: units[other], in: layout) else {
                continue
            }
            var trial = layout
            for member in unit.members { trial.lift(member, terrain) }
            for member in units[other].members { trial.lift(member, terrain) }
            guard returns(unit, to: home, in: trial) else { continue }
            for member in unit.members { trial.put(member, on: home, terrain) }
            guard let target = refuge(for: units[other], besides: home, place, in: trial) else {
                continue
            }
            for member in units[other].members { trial.put(member, on: target, terrain) }
            layout = trial
            return
        }
    }

    /// Where `unit`, which is on no host, goes: home, to `place`, or to the fullest occupied host.
    private mutating func refuge(
        for unit: Unit, besides left: Int, _ place: Int, in layout: Layout
    ) -> Int? {
        if let home = unit.home, home != left, terrain.hosts[home].takes,
            layout.isOccupied(home, terrain), returns(unit, to: home, in: layout)
        {
            return home
        }
        if place != unit.home, fits(unit, on: place, in: layout) { return place }
        guard let index = unit.members.first.flatMap({ unitOf[$0] }) else { return nil }
        let others = terrain.hosts.indices.filter {
            $0 != left && $0 != unit.home && terrain.hosts[$0].takes
                && layout.isOccupied($0, terrain)
        }
        return target(for: index, among: others, in: layout, .fullest)
    }

    private mutating func returns(_ unit: Unit, to home: Int, in layout: Layout) -> Bool {
        checksLeft -= 1
        return terrain.refusal(of: unit.members, on: home, in: layout, staying) == nil
    }
}
