import ClusterModel

extension Terrain {
    /// `instance` and those of its group that would come along.
    ///
    /// One that has a place takes those that have one with it. One that waits moves nobody: it takes
    /// only those along that had none before the plan either, and have one in `layout` or are among
    /// `placing`.
    func comers(with instance: Int, in layout: Layout, placing: Set<Int> = []) -> [Int] {
        let isWaiting = instances[instance].home == nil
        return groups[instances[instance].group].filter { member in
            member == instance
                || (layout.host(of: member) != nil || placing.contains(member))
                    && (!isWaiting || instances[member].home == nil)
        }
    }

    /// Those of the group of `instance` that wait as it does.
    func waitingCompanions(of instance: Int) -> Set<Int> {
        guard instances[instance].home == nil else { return [] }
        return Set(groups[instances[instance].group].filter(isWaiting))
    }

    /// The first rule by which `host` refuses `instance` and all that have to be with it.
    ///
    /// Those of `placing` look for a host at the same time, so they come along too.
    func refusal(
        ofGroupOf instance: Int, on host: Int, in layout: Layout, _ liberty: Liberty,
        placing: Set<Int> = []
    ) -> Misfit? {
        let members = comers(with: instance, in: layout, placing: placing)
        if instances[instance].hold == nil,
            let held = members.first(where: {
                instances[$0].hold != nil && instances[$0].home != nil
                    && layout.host(of: $0) != host
            })
        {
            return refusal(of: [instance], on: host, in: layout, liberty)
                ?? .together(with: id(of: held))
        }
        return refusal(of: members, on: host, in: layout, liberty)
    }

    /// The hosts that `members` fit on together, best first.
    ///
    /// Hosts with more of the preferred labels come first, then occupied ones, the fullest
    /// afterwards first, then empty ones, the least full afterwards first because the larger the
    /// hosts are that are begun, the fewer are needed; then the order of ids.
    func choices(
        for members: [Int], among hosts: [Int], in layout: Layout, _ liberty: Liberty
    ) -> [Int] {
        let ranked = hosts.compactMap { host -> Choice? in
            guard refusal(of: members, on: host, in: layout, liberty) == nil else { return nil }
            return choice(of: host, for: members, in: layout)
        }
        return ranked.sorted().map(\.host)
    }

    /// The hosts that `instance` can go to when it gives way, best first; not those where a move of it came to nothing
    /// of late.
    func refuges(for instance: Int, in layout: Layout) -> [Int] {
        choices(for: [instance], among: Array(hosts.indices), in: layout, .place).filter {
            undone(instance, on: $0) == nil
        }
    }

    /// How `host` ranks for `members`, which it can have.
    func choice(of host: Int, for members: [Int], in layout: Layout) -> Choice {
        Choice(
            host: host, dislikes: members.reduce(0) { $0 + dislikes(of: $1, host) },
            isEmpty: !layout.isOccupied(host, self),
            fullness: fullness(of: host, with: members, in: layout))
    }

    /// A host that can have something, by what hosts are ranked.
    struct Choice: Comparable {
        let host: Int
        let dislikes: Int
        let isEmpty: Bool
        let fullness: Fullness

        static func < (a: Choice, b: Choice) -> Bool {
            guard (a.dislikes, a.isEmpty) == (b.dislikes, b.isEmpty) else {
                return (a.dislikes, a.isEmpty ? 1 : 0) < (b.dislikes, b.isEmpty ? 1 : 0)
            }
            guard a.fullness == b.fullness else {
                return a.isEmpty ? a.fullness < b.fullness : b.fullness < a.fullness
            }
            return a.host < b.host
        }
    }

    /// Preferred labels that `host` lacks.
    func dislikes(of instance: Int, _ host: Int) -> Int {
        dislikes(ofWorkload: instances[instance].workload, host)
    }

    func dislikes(ofWorkload workload: Int, _ host: Int) -> Int {
        let preferred = rulebook.workloads[workload].rules.prefer.pairs
        return preferred.count { hosts[host].host.labels[$0.name] != $0.value }
    }

    /// The largest share of a ceiling of `host` that is taken once `members` are there.
    func fullness(of host: Int, with members: [Int], in layout: Layout) -> Fullness {
        var fullest = Fullness.empty
        for dimension in dimensions.indices where hosts[host].ceiling[dimension] > 0 {
            var taken = layout.load(host, dimension)
            for member in members where layout.host(of: member) != host {
                taken += UInt128(instances[member].demand[dimension])
            }
            fullest = max(
                fullest,
                Fullness(
                    taken: UInt64(clamping: taken), ceiling: hosts[host].ceiling[dimension]))
        }
        return fullest
    }

    /// Whether `instance` is wanted and ran on no host before the plan.
    func isWaiting(_ instance: Int) -> Bool {
        let facts = instances[instance]
        return facts.isWanted
            && (facts.bound != nil || snapshot.instances[instance].instance.host == nil)
    }

    /// Groups that have a member on `host`, the most important and then the largest first.
    func groups(on host: Int, in layout: Layout) -> [[Int]] {
        let present = Set(layout.occupants[host].map { instances[$0].group })
        let members = present.sorted().map { group in
            groups[group].filter { layout.host(of: $0) != nil }
        }
        return byImportance(members)
    }

    /// Larger priority first, then larger share of a host, then the order of ids.
    func byImportance(_ groups: [[Int]]) -> [[Int]] {
        let largest = largest.map(Double.init)
        let keyed = groups.map { members -> (priority: Int, width: Double, members: [Int]) in
            let width =
                dimensions.indices.map { dimension -> Double in
                    guard largest[dimension] > 0 else { return 0 }
                    return members.reduce(0.0) { $0 + Double(instances[$1].demand[dimension]) }
                        / largest[dimension]
                }.max() ?? 0
            return (members.map { workload(of: $0).rules.priority }.max() ?? 0, width, members)
        }
        return keyed.sorted {
            ($1.priority, $1.width, $0.members.first ?? 0)
                < ($0.priority, $0.width, $1.members.first ?? 0)
        }.map(\.members)
    }
}
