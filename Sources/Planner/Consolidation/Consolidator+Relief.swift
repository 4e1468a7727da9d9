extension Consolidator {
    /// Takes from hosts that will stay short the fewest instances that end it.
    mutating func relieve() {
        for site in sites.indices
        where loads[site].demand(deviations: rules.hot) > sites[site].capacity {
            relieve(site)
        }
    }

    private mutating func relieve(_ site: Int) {
        while residents[site].count > 1,
            loads[site].demand(deviations: rules.relieved) > sites[site].capacity,
            let tenant = choice(on: site),
            let target = bestFit(tenant, leaving: site) ?? woken(for: tenant)
        {
            move(tenant, to: target)
            hasReceived.insert(target)
            hasGiven.insert(site)
        }
    }

    /// The cheapest instance that alone is enough, else the largest.
    private func choice(on site: Int) -> Int? {
        let enough = residents[site].filter {
            (loads[site] - estimates[$0]).demand(deviations: rules.relieved)
                <= sites[site].capacity
        }
        if let cheapest = enough.min(by: { (price(of: $0), $0) < (price(of: $1), $1) }) {
            return cheapest
        }
        return residents[site].max { (estimates[$0].mean, $1) < (estimates[$1].mean, $0) }
    }

    /// What a move of it takes from it: its use over the time.
    private func price(of tenant: Int) -> Int64 {
        estimates[tenant].mean * tenants[tenant].moveSeconds
    }

    /// The most efficient of the empty hosts.
    private func woken(for tenant: Int) -> Int? {
        sites.indices
            .filter {
                residents[$0].isEmpty && !hasGiven.contains($0) && isSingle(tenant, on: $0)
            }
            .min {
                (sites[$0].curve.full * 1_000 / max(1, sites[$0].capacity), $0)
                    < (sites[$1].curve.full * 1_000 / max(1, sites[$1].capacity), $1)
            }
    }
}
