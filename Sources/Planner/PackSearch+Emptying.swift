import ClusterModel

extension PackSearch {
    /// The layout after emptying whole hosts, one after the other, onto occupied ones.
    mutating func emptied(by construction: Construction) -> Layout {
        var layout = start
        var history: [Layout] = []
        for host in order(emptyable(in: layout), construction.hosts, in: layout) {
            guard checksLeft > 0 else { break }
            let before = layout
            if empty(host, in: &layout, construction) { history.append(before) }
        }
        // The reserve is a sum over all hosts, so it is judged at the end and given way to one host
        // at a time.
        while let last = history.popLast() {
            guard shortOfReserve(layout) != nil else { break }
            layout = last
        }
        return layout
    }

    /// Hosts that could be emptied but for the reserve, with what would then be short.
    mutating func stoppedByReserve() -> [Int: Resources] {
        guard liberty.keepsReserve, reserve.hosts > 0 else { return [:] }
        let plain = Construction(hosts: .cheapest, units: .widest, fit: .fullest)
        var stopped: [Int: Resources] = [:]
        for host in emptyable(in: start) where checksLeft > 0 {
            var trial = start
            if empty(host, in: &trial, plain) { stopped[host] = shortOfReserve(trial) }
        }
        return stopped
    }

    /// Occupied hosts of which everything can move somewhere in principle.
    func emptyable(in layout: Layout) -> [Int] {
        terrain.hosts.indices.filter { host in
            !layout.occupants[host].isEmpty && terrain.ghosts[host].isEmpty
                && layout.occupants[host].allSatisfy { instance in
                    unitOf[instance].map { units[$0].isMovable } ?? false
                }
        }
    }

    func order(_ hosts: [Int], _ order: HostOrder, in layout: Layout) -> [Int] {
        switch order {
        case .cheapest:
            return sorted(hosts) { Double(costToEmpty($0, in: layout)) }
        case .lightest:
            return sorted(hosts) { fullness(of: $0, in: layout) }
        case .fewest:
            return sorted(hosts) { Double(layout.occupants[$0].count) }
        case .smallest:
            return sorted(hosts) { size(of: $0) }
        case .drawn(let seed):
            var generator = SplitMix64(seed: seed)
            let keys = terrain.hosts.map { _ in generator.next() }
            return hosts.sorted { (keys[$0], $0) < (keys[$1], $1) }
        }
    }

    private func sorted(_ hosts: [Int], by key: (Int) -> Double) -> [Int] {
        hosts.map { (key($0), $0) }.sorted { $0 < $1 }.map(\.1)
    }

    func costToEmpty(_ host: Int, in layout: Layout) -> UInt64 {
        units(on: host, in: layout).reduce(0) { $0.saturatingSum(units[$1].cost) }
    }

    /// The largest share of a host's ceilings that is taken.
    private func fullness(of host: Int, in layout: Layout) -> Double {
        terrain.dimensions.indices.map { dimension in
            let ceiling = Double(terrain.hosts[host].ceiling[dimension])
            return ceiling > 0 ? Double(layout.load(host, dimension)) / ceiling : 0
        }.max() ?? 0
    }

    /// How large a host is among all, by processors and memory.
    func size(of host: Int) -> Double {
        [0, 1].reduce(0.0) { sum, dimension in
            let largest = terrain.hosts.map { $0.ceiling[dimension] }.max() ?? 0
            guard largest > 0 else { return sum }
            return sum + Double(terrain.hosts[host].ceiling[dimension]) / Double(largest)
        }
    }

    func order(_ indices: [Int], _ order: UnitOrder) -> [Int] {
        indices.sorted { a, b in
            switch order {
            case .widest: (units[b].width, a) < (units[a].width, b)
            case .memory:
                (units[b].demand[1], units[b].width, a) < (units[a].demand[1], units[a].width, b)
            case .cpu:
                (units[b].demand[0], units[b].width, a) < (units[a].demand[0], units[a].width, b)
            }
        }
    }

    /// Moves everything off `host` to other occupied hosts, or changes nothing.
    private mutating func empty(
        _ host: Int, in layout: inout Layout, _ construction: Construction
    ) -> Bool {
        let before = layout
        let targets = terrain.hosts.indices.filter {
            $0 != host && terrain.hosts[$0].takes && layout.isOccupied($0, terrain)
        }
        for index in order(units(on: host, in: layout), construction.units) {
            guard let target = target(for: index, among: targets, in: layout, construction.fit)
            else {
                layout = before
                return false
            }
            move(units[index], to: target, in: &layout)
        }
        return true
    }

    /// The best of `targets` that unit `index` fits on; the first of equals.
    mutating func target(
        for index: Int, among targets: [Int], in layout: Layout, _ fit: Fit
    ) -> Int? {
        var best: (score: Double, host: Int)?
        for host in targets where fits(units[index], on: host, in: layout) {
            let score = score(units[index], on: host, in: layout, fit)
            if best.map({ score > $0.score }) ?? true { best = (score, host) }
        }
        return best?.host
    }

    private func score(_ unit: Unit, on host: Int, in layout: Layout, _ fit: Fit) -> Double {
        var worst = 0.0
        var sum = 0.0
        var product = 0.0
        for (dimension, amount) in unit.demand.enumerated() where amount > 0 {
            let ceiling = Double(terrain.hosts[host].ceiling[dimension])
            guard ceiling > 0 else { continue }
            let load = Double(layout.load(host, dimension))
            let share = Double(amount) / ceiling
            worst = max(worst, load / ceiling + share)
            sum += load / ceiling + share
            product += share * (1 - load / ceiling)
        }
        return switch fit {
        case .fullest: worst
        case .tightest: sum
        case .aligned: product
        }
    }
}
