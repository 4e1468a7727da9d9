/// Orders of steps in which nothing is said twice.
enum Precedence {
    /// Above this many steps an order is left as it is, because working it out takes the square of
    /// their number.
    static let mostSteps = 8_192

    /// The predecessors without those that follow from the others; each step comes after its
    /// predecessors.
    static func reduced(_ after: [[Int]]) -> [[Int]] {
        guard after.count <= mostSteps else { return after }
        let words = (after.count + 63) / 64
        var ancestors: [[UInt64]] = []
        ancestors.reserveCapacity(after.count)
        return after.map { predecessors in
            var own = Array(repeating: UInt64(0), count: words)
            for step in predecessors {
                for word in 0..<words { own[word] |= ancestors[step][word] }
            }
            let kept = predecessors.filter { own[$0 / 64] & (1 << UInt64($0 % 64)) == 0 }
            for step in predecessors { own[step / 64] |= 1 << UInt64(step % 64) }
            ancestors.append(own)
            return kept
        }
    }
}
