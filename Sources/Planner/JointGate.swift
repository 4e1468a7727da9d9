import ClusterModel

/// What arrivals at one host wait for, so that whatever is there at the same time fits bucket by
/// bucket.
///
/// It keeps the sums of everything that may be on the host since the last *barrier*; departures
/// take nothing off. An arrival that fits on top is added and waits for what the last barrier
/// waited for. One that does not is a barrier: it waits for every departure so far, and the sums
/// become those of what is left.
///
/// In any reachable cut, take the last arrival that has begun, in the order of the plan. What its
/// barrier waited for is done, and nothing that arrives later is there, so what is there is part
/// of what was added up when it arrived; and with fewer instances no bucket has a larger sum.
/// Where none has begun, nothing is there but what was from the start.
struct JointGate {
    private var sums: [UInt64]
    private var departures: [Int] = []
    private var awaited = Set<Int>()

    /// A gate before anything moves.
    init(_ host: Int, _ layout: Layout) { sums = Array(layout.jointSums[host]) }

    /// The departures that `instance` has to wait for; `rest` is what is there once all are done.
    mutating func arrive(
        _ instance: Int, below ceiling: UInt64, beside rest: [UInt64], _ joint: JointTable
    ) -> Set<Int> {
        var union = sums
        joint.add(instance, to: &union, at: 0)
        if !joint.fits(union, below: ceiling) {
            awaited = Set(departures)
            union = rest
            joint.add(instance, to: &union, at: 0)
        }
        sums = union
        return awaited
    }

    /// `step` takes an instance away.
    mutating func leave(by step: Int) { departures.append(step) }
}
