/// Scores where an instance goes by how much of what stays free the usual demand could still use.
///
/// For a demand, a resource of a host is unusable as a whole where the demand does not fit or does not ask for it, else the devices that
/// are smaller than the share asked for. Expected over the mix of demands, and added up over resources in shares of the cluster's capacity, each
/// weighted by how scarce it is. Nothing here knows which resource is which.
/// - Source: the idea of expected unusable leftovers, for GPUs: Weng et al., "Beware of Fragmentation", USENIX ATC 2023.
package struct FragmentationScorer: Sendable {
    private let demands: [DemandShape]
    /// How often each comes, as a part of all.
    private let shares: [Double]
    /// Per resource, what a unit of it weighs, in shares of the cluster.
    private let prices: [Double]
    /// Per resource, a unit of it in shares of the cluster.
    private let units: [Double]
    private var identities: [Leftover: Int] = [:]
    private var shapes: [Leftover] = []
    private var losses: [Int64] = []
    private var sizes: [Int64] = []
    /// Where the outcomes of each shape begin in `outcomes`; −1 before any was asked for.
    private var rows: [Int] = []
    /// The shape that each demand leads to.
    private var outcomes: [Int32] = []

    /// What placing a demand on a leftover leads to.
    package struct Outcome: Hashable, Sendable {
        /// The leftover that stays.
        package let shape: Int
        /// How much more becomes unusable; negative if less does.
        package let loss: Int64
        /// What stays free in shares of the cluster; breaks ties, less first.
        package let slack: Int64
    }

    /// Shares are told apart to this part of a cluster; below it is the noise of sums.
    private static let grain = Double(1 << 40)

    /// Most outcomes that are remembered at a time: 256 MiB.
    private static let remembered = 1 << 26
    private static let unknown: Int32 = -2
    private static let unfit: Int32 = -1

    /// `capacity`: of the whole cluster, in the order of `Leftover.totals`. How often demands come stands in `mix`; a demand's position in it is its name.
    package init(mix: [(demand: DemandShape, count: Int64)], capacity: [Int64]) {
        demands = mix.map(\.demand)
        let counts = mix.map { Double(max(0, $0.count)) }
        let all = counts.reduce(0, +)
        shares = counts.map { all > 0 ? $0 / all : 0 }
        units = capacity.map { $0 > 0 ? 1 / Double($0) : 0 }
        let pressure = Self.pressure(of: demands, shares: shares, units: units)
        let scarcest = pressure.max() ?? 0
        prices = zip(pressure, units).map { own, unit in
            scarcest > 0 ? Self.weight(own / scarcest) * unit : 0
        }
    }

    /// What the usual demand takes of each resource, in shares of the cluster.
    private static func pressure(
        of demands: [DemandShape], shares: [Double], units: [Double]
    ) -> [Double] {
        units.indices.map { resource in
            zip(demands, shares).reduce(0.0) { sum, entry in
                let divided = resource - entry.0.amounts.count
                let amount =
                    divided < 0
                    ? Double(entry.0.amounts[resource])
                    : Double(entry.0.devices[divided].share)
                        * Double(entry.0.devices[divided].count)
                return sum + entry.1 * amount * units[resource]
            }
        }
    }

    /// What a resource counts for that is `relative` as scarce as the scarcest: its eighth power.
    ///
    /// What is not scarce may be wasted. With the first power the scarcest resource loses a third of a per cent.
    private static func weight(_ relative: Double) -> Double {
        let square = relative * relative
        let fourth = square * square
        return fourth * fourth
    }

    /// The name of a leftover; equal ones have one name.
    package mutating func shape(of leftover: Leftover) -> Int {
        if let known = identities[leftover] { return known }
        let shape = shapes.count
        identities[leftover] = shape
        shapes.append(leftover)
        rows.append(-1)
        losses.append(loss(of: leftover))
        sizes.append(
            Self.grains(zip(leftover.totals, units).reduce(0.0) { $0 + Double($1.0) * $1.1 }))
        return shape
    }

    package func leftover(of shape: Int) -> Leftover { shapes[shape] }

    /// The best that can come of `demand` on a host with `shape`; `nil` where it does not fit.
    package mutating func outcome(of demand: Int, on shape: Int) -> Outcome? {
        let row = row(of: shape)
        var next = outcomes[row + demand]
        if next == Self.unknown {
            next = best(of: demand, on: shape)
            outcomes[row + demand] = next
        }
        guard next != Self.unfit else { return nil }
        return Outcome(
            shape: Int(next), loss: losses[Int(next)] - losses[shape], slack: sizes[Int(next)])
    }

    private mutating func row(of shape: Int) -> Int {
        if rows[shape] >= 0 { return rows[shape] }
        if outcomes.count + demands.count > Self.remembered {
            outcomes.removeAll()
            rows = rows.map { _ in -1 }
        }
        rows[shape] = outcomes.count
        outcomes.append(contentsOf: repeatElement(Self.unknown, count: demands.count))
        return rows[shape]
    }

    private mutating func best(of demand: Int, on shape: Int) -> Int32 {
        var best: Int?
        for leftover in demands[demand].outcomes(in: shapes[shape]) {
            let next = self.shape(of: leftover)
            if best.map({ (losses[next], sizes[next]) < (losses[$0], sizes[$0]) }) ?? true {
                best = next
            }
        }
        return best.map { Int32($0) } ?? Self.unfit
    }

    /// What of `leftover` the mix is expected not to be able to use, weighted.
    package func loss(of leftover: Leftover) -> Int64 {
        guard !demands.isEmpty else { return 0 }
        let whole = zip(leftover.totals, prices).reduce(0.0) { $0 + Double($1.0) * $1.1 }
        var sum = 0.0
        for demand in demands.indices where shares[demand] > 0 {
            let lost =
                demands[demand].fits(in: leftover)
                ? unusable(of: leftover, for: demands[demand]) : whole
            sum += shares[demand] * lost
        }
        return Self.grains(sum)
    }

    /// What a demand that fits cannot use.
    private func unusable(of leftover: Leftover, for demand: DemandShape) -> Double {
        var sum = 0.0
        for place in leftover.amounts.indices where demand.amounts[place] == 0 {
            sum += Double(leftover.amounts[place]) * prices[place]
        }
        for place in leftover.devices.indices {
            let asked = demand.devices[place]
            var lost: Int64 = 0
            for device in leftover.devices[place] where asked.count == 0 || device < asked.share {
                lost += device
            }
            sum += Double(lost) * prices[leftover.amounts.count + place]
        }
        return sum
    }

    private static func grains(_ share: Double) -> Int64 { Int64(min(share, 1_048_576) * grain) }
}
