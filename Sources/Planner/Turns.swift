/// A number of chains in which moves take turns, so that never more of them run at once than there
/// are chains.
///
/// - Source: Dilworth, "A decomposition theorem for partially ordered sets", 1950: a set that is
///   covered by n chains holds no antichain of more than n.
struct Turns: Sendable {
    private let width: Int
    /// The end of each chain; once there are as many as may be, the oldest is at `oldest`.
    private var last: [Int] = []
    private var oldest = 0

    init(_ width: Int) { self.width = max(1, width) }

    /// Gives `step` the turn after the oldest chain's end, and answers that end.
    mutating func take(_ step: Int) -> Int? {
        guard last.count >= width else {
            last.append(step)
            return nil
        }
        let end = last[oldest]
        last[oldest] = step
        oldest = oldest + 1 == width ? 0 : oldest + 1
        return end
    }
}
