/// How an instance changes hosts.
package enum MoveMode: String, Hashable, Comparable, Sendable, CaseIterable {
    /// With its memory, connections and disks; never two running copies.
    case live
    /// A new copy starts and is checked before the old one stops; the copies overlap.
    case relocate
    /// Stopped, its disks copied, started again; never two running copies.
    case restart

    package static func < (a: MoveMode, b: MoveMode) -> Bool { a.rank < b.rank }

    /// Whether two copies run for a time.
    ///
    /// Only a spec can accept that (`move.allow`): neither who names the mode nor a forced drain knows whether the
    /// workload bears it.
    package var overlaps: Bool { self == .relocate }

    /// From least to most interruption.
    private var rank: Int {
        switch self {
        case .live: 0
        case .relocate: 1
        case .restart: 2
        }
    }
}
