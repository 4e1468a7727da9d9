import Planner

/// The planner at the controls of the simulated data centre: at each step it is told what machines have used until then, and nothing else.
struct PlanetLabDecider {
    struct Move: Hashable, Sendable {
        let machine: Int
        let host: Int
    }

    /// Thousandths of a MIPS: enough that rounding never shows.
    private static let unit = 1_000.0

    private let rules = ConsolidationRules()
    private let sites: [Consolidation.Site]
    private var samples: [[UInt64]] = []
    private var movedAt: [Int: Int] = [:]
    private var step = 0

    init() {
        sites = (0..<PlanetLabModel.hosts).compactMap { host in
            let kind = PlanetLabModel.hostKinds[host % PlanetLabModel.hostKinds.count]
            let milliwatts = kind.watts.map { Int64(($0 * 1_000).rounded()) }
            return PowerCurve(milliwatts: milliwatts).map {
                Consolidation.Site(
                    capacity: Int64(kind.totalMIPS * Self.unit),
                    single: Int64(kind.coreMIPS * Self.unit), curve: $0)
            }
        }
        precondition(sites.count == PlanetLabModel.hosts, "a power curve that is none")
    }

    mutating func decide(_ centre: DataCentre) -> [Move] {
        step += 1
        observe(centre)
        let running = centre.machines.indices.filter { centre.place[$0] != nil }
        var consolidator = Consolidator(
            sites: sites, tenants: running.compactMap { tenant($0, in: centre) }, rules: rules)
        return consolidator.relocations().map {
            let machine = running[$0.tenant]
            movedAt[machine] = step
            return Move(machine: machine, host: $0.target)
        }
    }

    private mutating func observe(_ centre: DataCentre) {
        if samples.isEmpty { samples = Array(repeating: [], count: centre.machines.count) }
        for machine in centre.machines.indices where centre.place[machine] != nil {
            let used = UInt64((centre.requested[machine] * Self.unit).rounded())
            samples[machine] = samples[machine].suffix(rules.window - 1) + [used]
        }
    }

    private func tenant(_ machine: Int, in centre: DataCentre) -> Consolidation.Tenant? {
        centre.place[machine].map { host in
            Consolidation.Tenant(
                site: host, samples: samples[machine],
                size: Int(centre.machines[machine].mips),
                moveSeconds: Int64(centre.moveSeconds(of: machine)),
                rested: movedAt[machine].map { step - $0 })
        }
    }
}
