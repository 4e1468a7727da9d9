/// Bounds of the planner's effort and of what a plan carries.
enum Limits {
    /// Fit checks of one search: some seconds at 10^7 a second.
    static let checks = 20_000_000
    /// Orders of hosts drawn at random, beside the fixed ones.
    static let drawnOrders = 2
    /// Searches that start from the result of the one before.
    static let rounds = 4
    /// Candidates whose steps are worked out before the search gives up.
    static let sequenced = 12
    /// Hosts that have room for an instance and on which it is tried whether the reserve remains.
    static let reserveTrials = 256
    /// How many clusters with a change in them `explain` may look at, each as large as `instances`.
    static func trials(among instances: Int) -> Int {
        min(reserveTrials, 1_000_000 / max(1, instances))
    }
    /// Changes of a cluster in a row that are supposed to see whether a host would take an instance.
    static let changes = 64
    /// Numbers of hosts that may be lost that are tried when the reserve is lowered.
    static let reserves = 16
    /// Instances above which a repair takes one broken rule after the other.
    static let repairInstances = 64
    /// Moves that the search for the fewest looks ahead.
    static let repairMoves = 8
    /// Layouts that it looks at for one set of broken rules.
    static let repairNodes = 20_000
    /// Sets of instances that a plan looks at for whether they could give way.
    static let displacements = 200_000
    /// Sets on one host that would do, and are compared.
    static let displacementSets = 64
    /// Of the sets that would do, those for which it is tried who of them finds another host.
    static let displacementTrials = 8
    /// Hosts in a row that a sweep fails to empty before it ends.
    static let squeezeFailures = 64
    /// Sets of kept hosts that a small cluster is packed onto with going back.
    static let keptSets = 200
    /// Placements tried over all those sets.
    static let placements = 20_000
    /// Above so many hosts a cluster is not small.
    static let smallCluster = 12
    /// Pairs of instance and host that a rationale explains; above it, only instances without a
    /// host are explained, and those up to this number.
    static let explainedPairs = 1_000_000
    /// Instances among which cliques of conflicts are looked for, for the bound.
    static let cliqueCandidates = 2_000
    /// Sets of hosts that instances are bound to, of which the bound looks at each.
    static let regions = 32
    /// Steps of an ejection search before it gives up a number of hosts.
    static let ejections = 4_000
}
