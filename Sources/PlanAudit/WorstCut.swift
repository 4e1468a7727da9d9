import ClusterModel

/// The most that the stays in one region can add up to, over all reachable cuts of a plan.
///
/// A cut is a set of done steps with all their predecessors, and further steps under way whose
/// predecessors are done. An arrival counts once it has begun, a departure relieves once it is
/// done. So a cut is as bad as it can be when some arrivals have begun and only those departures
/// are done that these arrivals had to wait for: a choice of arrivals, each with the departures it
/// drags along. The best such choice is a closure of largest weight, which is a smallest cut in a
/// network of arrivals and departures.
/// - Source: Picard, "Maximal closure of a graph and applications to combinatorial problems", 1976.
struct WorstCut {
    private let base: UInt128
    private let arrivals: [(step: Int, weight: UInt128)]
    private let departures: [(step: Int, weight: UInt128)]

    /// What `stays` weigh, each by `weight`.
    init(_ stays: [Stay], weight: (Stay) -> UInt64) {
        var base: UInt128 = 0
        var arrivals: [(step: Int, weight: UInt128)] = []
        var departures: [(step: Int, weight: UInt128)] = []
        for stay in stays {
            let amount = UInt128(weight(stay))
            guard amount > 0 else { continue }
            if let step = stay.from { arrivals.append((step, amount)) } else { base += amount }
            if let step = stay.until { departures.append((step, amount)) }
        }
        self.base = base
        self.arrivals = arrivals
        self.departures = departures
    }

    /// What is there before the plan.
    var start: UInt128 { base }

    /// The largest sum; exact.
    func most(_ precedence: Precedence) -> UInt128 {
        let profit = arrivals.reduce(base) { $0 + $1.weight }
        let needs = arrivals.map { arrival in
            departures.indices.filter {
                precedence.isDone(departures[$0].step, beforeStartOf: arrival.step)
            }
        }
        guard needs.contains(where: { !$0.isEmpty }) else { return profit }
        return profit - flow(needs)
    }

    /// The largest flow from arrivals to the departures they wait for.
    private func flow(_ needs: [[Int]]) -> UInt128 {
        var supply = arrivals.map(\.weight)
        var demand = departures.map(\.weight)
        var carried: [[UInt128]] = needs.map { $0.map { _ in 0 } }
        var total: UInt128 = 0
        while let path = path(needs, supply, demand, carried) {
            var amount = supply[path.first.arrival]
            amount = min(amount, demand[path.end])
            for hop in path.back { amount = min(amount, carried[hop.arrival][hop.edge]) }
            for hop in path.forward { carried[hop.arrival][hop.edge] += amount }
            for hop in path.back { carried[hop.arrival][hop.edge] -= amount }
            supply[path.first.arrival] -= amount
            demand[path.end] -= amount
            total += amount
        }
        return total
    }

    private struct Hop {
        let arrival: Int
        let edge: Int
    }

    private struct Path {
        let first: Hop
        let forward: [Hop]
        let back: [Hop]
        let end: Int
    }

    /// A shortest path with room left; shortest, so that their number is bounded by the size of the
    /// network.
    private func path(
        _ needs: [[Int]], _ supply: [UInt128], _ demand: [UInt128], _ carried: [[UInt128]]
    ) -> Path? {
        var cameTo: [Hop?] = departures.map { _ in nil }
        var wentBack: [Hop?] = arrivals.map { _ in nil }
        var isReached = supply.map { $0 > 0 }
        var queue = arrivals.indices.filter { supply[$0] > 0 }
        var next = 0
        while next < queue.count {
            let arrival = queue[next]
            next += 1
            for (edge, departure) in needs[arrival].enumerated() where cameTo[departure] == nil {
                cameTo[departure] = Hop(arrival: arrival, edge: edge)
                if demand[departure] > 0 { return trace(departure, cameTo, wentBack) }
                for other in arrivals.indices where !isReached[other] {
                    guard let back = needs[other].firstIndex(of: departure),
                        carried[other][back] > 0
                    else { continue }
                    isReached[other] = true
                    wentBack[other] = Hop(arrival: other, edge: back)
                    queue.append(other)
                }
            }
        }
        return nil

        func trace(_ end: Int, _ cameTo: [Hop?], _ wentBack: [Hop?]) -> Path? {
            var forward: [Hop] = []
            var back: [Hop] = []
            var departure = end
            while let hop = cameTo[departure] {
                forward.append(hop)
                guard let returned = wentBack[hop.arrival] else {
                    return Path(first: hop, forward: forward, back: back, end: end)
                }
                back.append(returned)
                departure = needs[returned.arrival][returned.edge]
            }
            return nil
        }
    }
}
