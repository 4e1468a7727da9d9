/// Decides, from what was used until now, which instances move so that fewer hosts run.
///
/// Load of single instances is close to noise around a mean that changes slowly: an overload has mostly gone by the time a move could help.
/// So hosts are filled by the mean and deviation of their sums, hosts are relieved only when that estimate says that they will stay short, and a host is
/// emptied as a whole or not at all, if what it would draw pays for its moves.
package struct Consolidator: Sendable {
    package typealias Site = Consolidation.Site
    package typealias Tenant = Consolidation.Tenant

    let rules: ConsolidationRules
    let sites: [Site]
    let tenants: [Tenant]
    var estimates: [LoadEstimate]
    var residents: [[Int]]
    var loads: [LoadEstimate]
    /// What was used together on each host, and by each instance, over the window.
    var joint: [JointLoad]
    let records: [[UInt64]]
    var place: [Int]
    var hasReceived: Set<Int> = []
    var hasGiven: Set<Int> = []

    package init(sites: [Site], tenants: [Tenant], rules: ConsolidationRules) {
        self.rules = rules
        self.sites = sites
        self.tenants = tenants
        estimates = Self.estimates(of: tenants, rules: rules)
        residents = Array(repeating: [], count: sites.count)
        loads = Array(repeating: .zero, count: sites.count)
        joint = Array(repeating: JointLoad(buckets: rules.window), count: sites.count)
        records = tenants.map { JointLoad.aligned($0.samples, buckets: rules.window) }
        place = tenants.map(\.site)
        for (tenant, view) in tenants.enumerated() {
            residents[view.site].append(tenant)
            loads[view.site] = loads[view.site] + estimates[tenant]
            joint[view.site].add(records[tenant])
        }
    }

    /// The moves of this control step, in the order decided.
    package mutating func relocations() -> [Consolidation.Relocation] {
        relieve()
        emptyHosts()
        return tenants.indices.filter { place[$0] != tenants[$0].site }.map {
            Consolidation.Relocation(tenant: $0, target: place[$0])
        }
    }

    /// What each is expected to use: its own record, drawn towards what instances of its size use now.
    package static func estimates(of tenants: [Tenant], rules: ConsolidationRules) -> [LoadEstimate]
    {
        var ofSize: [Int: [UInt64]] = [:]
        for tenant in tenants {
            if let last = tenant.samples.last { ofSize[tenant.size, default: []].append(last) }
        }
        let priors = ofSize.mapValues { LoadEstimate(of: $0) }
        return tenants.map {
            LoadEstimate(
                of: $0.samples.suffix(rules.window), prior: priors[$0.size] ?? .zero,
                weight: rules.priorWeight)
        }
    }

    /// Whether the host is large enough for `tenant` alone.
    func isSingle(_ tenant: Int, on site: Int) -> Bool {
        estimates[tenant].demand(deviations: rules.fill)
            <= min(sites[site].single, sites[site].capacity)
    }

    func demand(of site: Int, with tenant: Int, deviations: Int64) -> Int64 {
        (loads[site] + estimates[tenant]).demand(deviations: deviations)
    }

    mutating func move(_ tenant: Int, to site: Int) {
        let source = place[tenant]
        residents[source].removeAll { $0 == tenant }
        loads[source] = loads[source] - estimates[tenant]
        joint[source].remove(records[tenant])
        residents[site].append(tenant)
        loads[site] = loads[site] + estimates[tenant]
        joint[site].add(records[tenant])
        place[tenant] = site
    }

    /// Whether what they used together, correlation included, would have passed the capacity seldom enough.
    private func isUsuallyEnough(_ site: Int, with tenant: Int) -> Bool {
        guard rules.breaches < 1_000 else { return true }
        let passed = joint[site].breaches(
            of: UInt64(max(0, sites[site].capacity)), with: records[tenant])
        return passed * 1_000 <= rules.breaches * rules.window
    }

    /// The fullest running host that takes `tenant`.
    func bestFit(_ tenant: Int, leaving source: Int) -> Int? {
        var best: (site: Int, slack: Int64)?
        for site in sites.indices
        where site != source && !residents[site].isEmpty && !hasGiven.contains(site) {
            guard isSingle(tenant, on: site) else { continue }
            let slack =
                sites[site].capacity - demand(of: site, with: tenant, deviations: rules.fill)
            guard slack >= 0, isUsuallyEnough(site, with: tenant) else { continue }
            if best.map({ slack < $0.slack }) ?? true { best = (site, slack) }
        }
        return best?.site
    }
}
