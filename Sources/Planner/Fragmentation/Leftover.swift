/// What is free on a host: amounts of resources that are one, and the devices of those that are many.
///
/// Which resource stands at which position is the same in everything that one `FragmentationScorer` sees.
package struct Leftover: Hashable, Sendable {
    /// Resources that any instance can have a part of: CPU, memory, disk, network, scalars.
    package let amounts: [Int64]
    /// Per divided resource the free part of each device, ascending, so that equal hosts are equal values.
    package let devices: [[Int64]]
    /// What the host is, where demands ask for that; 0 where none does.
    package let kind: Int

    /// Largest amount that is told from larger ones; sums of a cluster stay exact.
    package static let largest: Int64 = 1 << 50

    package init(amounts: [Int64], devices: [[Int64]], kind: Int = 0) {
        self.amounts = amounts.map { min(max(0, $0), Self.largest) }
        self.devices = devices.map { $0.map { min(max(0, $0), Self.largest) }.sorted() }
        self.kind = kind
    }

    /// What is free of each resource, divided ones after the others.
    package var totals: [Int64] { amounts + devices.map { $0.reduce(0, +) } }
}

/// What one instance asks for.
package struct DemandShape: Hashable, Sendable {
    package let amounts: [Int64]
    /// One for each divided resource.
    package let devices: [Devices]
    /// Kinds of hosts that will do; `nil`: any.
    package let kinds: [Int]?

    /// A number of devices and how much of each.
    package struct Devices: Hashable, Sendable {
        package let count: Int
        package let share: Int64

        package init(count: Int, share: Int64) {
            self.count = share > 0 ? max(0, count) : 0
            self.share = count > 0 ? min(max(0, share), Leftover.largest) : 0
        }

        package static let none = Devices(count: 0, share: 0)
    }

    package init(amounts: [Int64], devices: [Devices], kinds: [Int]? = nil) {
        self.amounts = amounts.map { min(max(0, $0), Leftover.largest) }
        self.devices = devices
        self.kinds = kinds?.sorted()
    }

    package func fits(in room: Leftover) -> Bool {
        if let kinds, !kinds.contains(room.kind) { return false }
        return zip(amounts, room.amounts).allSatisfy { $0 <= $1 }
            && zip(devices, room.devices).allSatisfy { asked, free in
                asked.count <= free.count { $0 >= asked.share }
            }
    }

    /// What stays free after it is placed: for one device every choice, for several the tightest.
    package func outcomes(in room: Leftover) -> [Leftover] {
        guard fits(in: room) else { return [] }
        let rest = zip(room.amounts, amounts).map { $0 - $1 }
        var choices: [[[Int64]]] = [[]]
        for (asked, free) in zip(devices, room.devices) {
            let own = Self.outcomes(of: asked, in: free)
            choices = choices.flatMap { before in own.map { before + [$0] } }
        }
        return choices.map { Leftover(amounts: rest, devices: $0, kind: room.kind) }
    }

    private static func outcomes(of asked: Devices, in free: [Int64]) -> [[Int64]] {
        guard asked.count > 0 else { return [free] }
        let fitting = free.indices.filter { free[$0] >= asked.share }
        if asked.count == 1 {
            var seen: Set<Int64> = []
            return fitting.filter { seen.insert(free[$0]).inserted }.map { place in
                var left = free
                left[place] -= asked.share
                return left
            }
        }
        var left = free
        for place in fitting.prefix(asked.count) { left[place] -= asked.share }
        return [left]
    }
}
