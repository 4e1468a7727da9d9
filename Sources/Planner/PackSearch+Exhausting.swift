import ClusterModel

extension PackSearch {
    /// A small cluster packed onto `count` hosts by trying, with going back, within a bounded
    /// effort.
    ///
    /// Operators of small clusters see at once when a plan misses a host; here the effort to be
    /// sure is small.
    mutating func exhausted(onto count: Int) -> Layout? {
        let hosts = terrain.hosts.indices.filter {
            terrain.hosts[$0].takes || start.isOccupied($0, terrain)
        }
        guard hosts.count <= Limits.smallCluster else { return nil }
        var layout = start
        let movable = order(units.indices.filter { units[$0].isMovable }, .widest)
        for index in movable {
            for member in units[index].members { layout.lift(member, terrain) }
        }
        let pinned = hosts.filter { layout.isOccupied($0, terrain) }
        let free = hosts.filter { !pinned.contains($0) && terrain.hosts[$0].takes }
        guard pinned.count <= count, free.count >= count - pinned.count else { return nil }
        var placementsLeft = Limits.placements
        for chosen in Subsets(of: free, size: count - pinned.count).prefix(Limits.keptSets) {
            guard placementsLeft > 0, checksLeft > 0 else { break }
            var trial = layout
            let kept = (pinned + chosen).sorted()
            if place(movable[...], among: kept, in: &trial, &placementsLeft),
                shortOfReserve(trial) == nil
            {
                return trial
            }
        }
        return nil
    }

    /// Places all of `waiting`, or leaves `layout` as it was.
    private mutating func place(
        _ waiting: ArraySlice<Int>, among hosts: [Int], in layout: inout Layout, _ left: inout Int
    ) -> Bool {
        guard let index = waiting.first else { return true }
        let unit = units[index]
        // Home first: of the layouts that fit, one with few moves is found early.
        let ordered = unit.home.map { home in
            hosts.filter { $0 == home } + hosts.filter { $0 != home }
        }
        for host in ordered ?? hosts {
            guard left > 0 else { return false }
            left -= 1
            guard fits(unit, on: host, in: layout) else { continue }
            for member in unit.members { layout.put(member, on: host, terrain) }
            if place(waiting.dropFirst(), among: hosts, in: &layout, &left) { return true }
            for member in unit.members { layout.lift(member, terrain) }
        }
        return false
    }
}
