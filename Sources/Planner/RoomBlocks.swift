import ClusterModel

/// Hosts in their order, in blocks that each know the most that any of their hosts has free of
/// every resource, so that the first host with room is found without looking at each.
struct RoomBlocks: Sendable {
    let hosts: [Int]
    private let width: Int
    private let position: [Int: Int]
    private var most: [UInt64]

    private static let size = 64

    init(_ hosts: [Int], _ layout: Layout, _ terrain: Terrain) {
        self.hosts = hosts
        width = terrain.dimensions.count
        var position: [Int: Int] = [:]
        for (index, host) in hosts.enumerated() { position[host] = index }
        self.position = position
        let blocks = (hosts.count + Self.size - 1) / Self.size
        most = Array(repeating: 0, count: blocks * width)
        for block in 0..<blocks { summarize(block, layout, terrain) }
    }

    /// What is on `host` has changed.
    mutating func update(_ host: Int, _ layout: Layout, _ terrain: Terrain) {
        if let index = position[host] { summarize(index / Self.size, layout, terrain) }
    }

    /// The first host that `fits`, which none does that has less of anything free than `demand`.
    func first(with demand: [UInt64], _ fits: (Int) -> Bool) -> Int? {
        for block in 0..<(most.count / max(1, width)) {
            var mayFit = true
            for dimension in 0..<width where demand[dimension] > most[block * width + dimension] {
                mayFit = false
            }
            guard mayFit else { continue }
            let start = block * Self.size
            for index in start..<min(start + Self.size, hosts.count) where fits(hosts[index]) {
                return hosts[index]
            }
        }
        return nil
    }

    private mutating func summarize(_ block: Int, _ layout: Layout, _ terrain: Terrain) {
        let start = block * Self.size
        for dimension in 0..<width {
            var largest: UInt64 = 0
            for index in start..<min(start + Self.size, hosts.count) {
                let load = layout.load(hosts[index], dimension)
                let room = terrain.hosts[hosts[index]].allocatable[dimension]
                if load < UInt128(room) { largest = max(largest, room - UInt64(load)) }
            }
            most[block * width + dimension] = largest
        }
    }
}
