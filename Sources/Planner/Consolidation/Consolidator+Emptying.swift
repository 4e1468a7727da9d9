extension Consolidator {
    /// Empties whole hosts, the least efficient and the cheapest to empty first.
    mutating func emptyHosts() {
        let order = sites.indices.filter { !residents[$0].isEmpty }
            .map { (site: $0, key: (-efficiency(of: $0), cost(of: $0), loads[$0].mean, $0)) }
            .sorted { $0.key < $1.key }.map(\.site)
        for site in order where !hasReceived.contains(site) { empty(site) }
    }

    /// Milliwatts for a thousand units at full load.
    private func efficiency(of site: Int) -> Int64 {
        sites[site].curve.full * 1_000 / max(1, sites[site].capacity / 1_000)
    }

    private func cost(of site: Int) -> Int64 {
        Int64(residents[site].count) * rules.moveJoules
    }

    private func isRested(_ tenant: Int) -> Bool {
        tenants[tenant].rested.map { $0 >= rules.rest } ?? true
    }

    private mutating func empty(_ site: Int) {
        let saved = sites[site].curve.idle * rules.horizon / 1_000
        guard cost(of: site) <= saved, residents[site].allSatisfy(isRested) else { return }
        let before = self
        let leaving = residents[site].sorted {
            (-estimates[$0].mean, $0) < (-estimates[$1].mean, $1)
        }
        hasGiven.insert(site)
        for tenant in leaving {
            guard let target = bestFit(tenant, leaving: site) else {
                self = before
                return
            }
            move(tenant, to: target)
            hasReceived.insert(target)
        }
    }
}
