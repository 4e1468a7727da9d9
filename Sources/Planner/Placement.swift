import ClusterModel

/// Finds hosts for new instances one group after the other.
struct Placement {
    let terrain: Terrain
    let hosts: [Int]
    private(set) var layout: Layout
    /// Hosts that fit but would leave too little reserve, for each instance that was refused for
    /// it.
    private(set) var reserveRefusals: [Int: [Int: Resources]] = [:]
    private let reserve: Reserve
    private var breached: Set<Int>

    init(_ terrain: Terrain, _ hosts: [Int]) {
        self.terrain = terrain
        self.hosts = hosts
        let layout = Layout(terrain)
        self.layout = layout
        reserve = Reserve(terrain)
        breached = Set(reserve.breaches(in: layout, powered: .ready).keys)
    }

    mutating func place(_ members: [Int]) {
        for host in terrain.choices(for: members, among: hosts, in: layout, .place) {
            var trial = layout
            for member in members { trial.put(member, on: host, terrain) }
            let breaches = reserve.breaches(in: trial, powered: .ready)
            if let new = breaches.keys.filter({ !breached.contains($0) }).min() {
                for member in members {
                    reserveRefusals[member, default: [:]][host] = breaches[new]
                }
                continue
            }
            layout = trial
            return
        }
    }
}
