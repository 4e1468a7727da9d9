/// How long a peer has kept something waiting that is its turn to move, in ticks.
///
/// Moving by less than `Limits.dribbleBytes` is not moving: who sends or takes a byte now and then would wait for ever.
package struct Patience: Hashable, Sendable {
    private var moved = 0
    private var waited = 0

    package init() {}

    package mutating func move(_ bytes: Int) { moved += bytes }

    /// A tick has passed; true when the peer has kept it waiting for `Limits.stalledStream`.
    package mutating func isOver(waits: Bool) -> Bool {
        guard waits, moved < Limits.dribbleBytes else {
            self = Patience()
            return false
        }
        waited += 1
        return waited >= Limits.ticks(within: Limits.stalledStream)
    }
}
