import ClusterModel

/// What is left of each host, and which host is the first with room.
///
/// A tree over the hosts knows the most that any of a half has left of each resource, so halves without room are passed over.
/// Values are copied for each question, and the copy notes only what was taken.
struct Remainders {
    private let amounts: [Resources]
    /// The most of CPU, memory, disk and network below each node; node 1 is the root, leaves are the second half.
    private let most: [Four]
    private let width: Int
    /// What is left of the hosts from which something was taken, which is less than the tree knows.
    private var changed: [Int: Resources] = [:]

    private typealias Four = SIMD4<UInt64>

    /// The hosts in their order, with what is left of each.
    init(_ amounts: [Resources]) {
        self.amounts = amounts
        var width = 1
        while width < amounts.count { width *= 2 }
        var most = Array(repeating: Four.zero, count: 2 * width)
        for (host, left) in amounts.enumerated() { most[width + host] = Self.four(left) }
        for node in stride(from: width - 1, to: 0, by: -1) {
            let (a, b) = (most[2 * node], most[2 * node + 1])
            most[node] = a.replacing(with: b, where: b .> a)
        }
        self.most = most
        self.width = width
    }

    private static func four(_ amounts: Resources) -> Four {
        Four(
            amounts.cpu.millicores, amounts.memory.count, amounts.disk.count,
            amounts.network.count)
    }

    /// The first host with room for `demand` that is `suitable`.
    func first(withRoomFor demand: Resources, _ suitable: (Int) -> Bool) -> Int? {
        let wanted = Self.four(demand)
        // Nodes still to be looked into, the leftmost last.
        var open = [1]
        while let node = open.popLast() {
            guard all(wanted .<= most[node]) else { continue }
            guard node >= width else {
                open.append(2 * node + 1)
                open.append(2 * node)
                continue
            }
            let host = node - width
            guard host < amounts.count, demand.misfit(in: changed[host] ?? amounts[host]) == nil,
                suitable(host)
            else { continue }
            return host
        }
        return nil
    }

    /// Takes `demand` from what is left of `host`; what it does not ask for may be overdrawn.
    mutating func take(_ demand: Resources, from host: Int) {
        changed[host] = (changed[host] ?? amounts[host]).reduced(by: demand)
    }
}
