import ClusterModel

/// What a plan may do, by the reason it is made for.
struct Liberty: Hashable, Sendable {
    /// Whether an instance that moved a short time ago stays where it is.
    var rests: Bool
    /// Whether the room kept for the loss of a host has to be left.
    var keepsReserve: Bool
    /// Whether modes that the spec does not accept may be used.
    var force = false
    /// The mode that a user named; `nil` takes the least interrupting one that is accepted.
    var mode: MoveMode?
    /// Whether instances that must share a host may be apart for now.
    var splitsGroups = false
    /// A host that none is moved to, beside those that are not ready.
    var shunned: Int?

    /// Nobody waits for a pack, so it yields to everything.
    static let pack = Liberty(rests: true, keepsReserve: true)
    /// A start disturbs nothing that runs, but may use up the reserve.
    static let place = Liberty(rests: false, keepsReserve: true)
    /// A hot host hurts now, and an operator's wish is an order: neither waits for rest or reserve.
    static let urgent = Liberty(rests: false, keepsReserve: false)
}
