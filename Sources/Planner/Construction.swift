/// The order in which hosts are tried for emptying.
enum HostOrder: Hashable, Sendable {
    /// Least cost of moving everything away first.
    case cheapest
    /// Least load first.
    case lightest
    /// Fewest instances first.
    case fewest
    /// Smallest host first.
    case smallest
    /// By a number drawn from this seed.
    case drawn(UInt64)
}

/// The order in which the instances of a host look for another one.
enum UnitOrder: Hashable, Sendable, CaseIterable {
    /// Largest share of a host in any resource first.
    case widest
    /// Largest demand of memory first.
    case memory
    /// Largest demand of processor time first.
    case cpu
}

/// Which of the hosts that an instance fits on is taken.
enum Fit: Hashable, Sendable, CaseIterable {
    /// The one whose fullest resource is fullest afterwards.
    case fullest
    /// The one with the least left over all resources.
    case tightest
    /// The one whose free room is shaped most like the demand.
    case aligned
}

/// Which hosts are kept when everything is packed afresh.
enum KeepOrder: Hashable, Sendable, CaseIterable {
    /// Those that are most expensive to empty.
    case costliest
    /// The largest, empty ones included.
    case largest
}

/// One way to construct a layout by emptying hosts.
struct Construction: Hashable, Sendable {
    let hosts: HostOrder
    let units: UnitOrder
    let fit: Fit

    /// Every fixed combination, then some in drawn orders.
    static func all(seed: UInt64) -> [Construction] {
        let drawn = (0..<Limits.drawnOrders).map { HostOrder.drawn(seed &+ UInt64($0)) }
        return ([.cheapest, .lightest, .fewest, .smallest] + drawn).flatMap { hosts in
            UnitOrder.allCases.flatMap { units in
                Fit.allCases.map { Construction(hosts: hosts, units: units, fit: $0) }
            }
        }
    }
}

/// One way to pack everything afresh.
struct Repacking: Hashable, Sendable {
    let keep: KeepOrder
    let units: UnitOrder
    let fit: Fit
    /// Whether an instance stays at home if it can, before any other host is looked at.
    let prefersHome: Bool

    static let all = [true, false].flatMap { prefersHome in
        KeepOrder.allCases.flatMap { keep in
            UnitOrder.allCases.flatMap { units in
                Fit.allCases.map {
                    Repacking(keep: keep, units: units, fit: $0, prefersHome: prefersHome)
                }
            }
        }
    }
}
