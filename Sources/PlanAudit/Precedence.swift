import ClusterModel

/// Which steps have to be done before which, directly or through others.
///
/// Steps are strung on chains, each of whose members has to wait for the one before. So what has to be done before a step
/// is a beginning of each chain, and one number for each chain that it has to do with tells all of it: few, because the
/// budgets of moves keep the chains few.
/// - Source: Jagadish, "A compression technique to materialize transitive closure", 1990.
struct Precedence {
    /// For each step, how much of which chain has to be done before it begins, in ascending order of chains.
    private var awaited: [[Beginning]] = []
    /// For each step, the chain it is on and how many of that chain are done once it is.
    private var seats: [Beginning] = []

    /// The first `length` members of a chain.
    private struct Beginning {
        let chain: Int32
        let length: Int32
    }

    /// Nothing but `violations` when the steps are no well-formed order.
    static func make(_ steps: [Step]) -> (precedence: Precedence, violations: [Violation]) {
        var precedence = Precedence()
        var violations: [Violation] = []
        var lengths: [Int32] = []
        var ends: [Int] = []
        for (position, step) in steps.enumerated() {
            if step.id.number != position {
                violations.append(.misnumbered(position: position, number: step.id.number))
            }
            var own: [Beginning] = []
            var named = Set<Int>()
            for predecessor in step.after {
                let number = predecessor.number
                guard number >= 0, number < position, named.insert(number).inserted else {
                    violations.append(.predecessor(of: step.id, predecessor))
                    continue
                }
                own = union(own, precedence.awaited[number])
                own = union(own, [precedence.seats[number]])
            }
            let chain: Int32
            // The chain that has waited longest: who hands out turns hands them out like that.
            let whole = own.filter { lengths[Int($0.chain)] == $0.length }
            if let oldest = whole.min(by: { ends[Int($0.chain)] < ends[Int($1.chain)] }) {
                chain = oldest.chain
            } else {
                chain = Int32(lengths.count)
                lengths.append(0)
                ends.append(position)
            }
            lengths[Int(chain)] += 1
            ends[Int(chain)] = position
            precedence.awaited.append(own)
            precedence.seats.append(Beginning(chain: chain, length: lengths[Int(chain)]))
        }
        return (precedence, violations)
    }

    /// The longer beginning of each chain that either names.
    private static func union(_ a: [Beginning], _ b: [Beginning]) -> [Beginning] {
        guard !a.isEmpty else { return b }
        var merged: [Beginning] = []
        merged.reserveCapacity(a.count + b.count)
        var next = b.startIndex
        for one in a {
            while next < b.endIndex, b[next].chain < one.chain {
                merged.append(b[next])
                next += 1
            }
            guard next < b.endIndex, b[next].chain == one.chain else {
                merged.append(one)
                continue
            }
            merged.append(b[next].length > one.length ? b[next] : one)
            next += 1
        }
        merged.append(contentsOf: b[next...])
        return merged
    }

    /// Whether `earlier` is done whenever `later` has begun; a missing step is never done and never
    /// begins.
    func isDone(_ earlier: Int?, beforeStartOf later: Int?) -> Bool {
        guard let earlier, let later else { return false }
        let (seat, beginnings) = (seats[earlier], awaited[later])
        var low = 0
        var high = beginnings.count
        while low < high {
            let middle = (low + high) / 2
            if beginnings[middle].chain < seat.chain { low = middle + 1 } else { high = middle }
        }
        return low < beginnings.count && beginnings[low].chain == seat.chain
            && beginnings[low].length >= seat.length
    }

    /// Whether `steps`, which are in the order of the plan, can be strung on `most` chains as they come.
    ///
    /// If so no more than `most` of them are ever under way at once; if not, nothing is said.
    func isStrung(_ steps: [Int], onAtMost most: Int) -> Bool {
        // The ends of the chains, the one that has waited longest first.
        var ends: [Int] = []
        for step in steps {
            if let chain = ends.firstIndex(where: { isDone($0, beforeStartOf: step) }) {
                ends.remove(at: chain)
            } else if ends.count == most {
                return false
            }
            ends.append(step)
        }
        return true
    }

    /// The largest number of `steps` that can be under way at the same time.
    ///
    /// - Source: Dilworth 1950 and Fulkerson 1956: it is the number of steps less the largest
    ///   matching between steps and later steps.
    func mostAtOnce(_ steps: [Int]) -> Int {
        var matched: [Int?] = steps.map { _ in nil }
        var pairs = 0
        for earlier in steps.indices {
            var seen = Array(repeating: false, count: steps.count)
            if augment(earlier, steps, &matched, &seen) { pairs += 1 }
        }
        return steps.count - pairs
    }

    /// Kuhn's augmenting path, with its own stack so that a long chain does not exhaust the
    /// thread's.
    private func augment(
        _ start: Int, _ steps: [Int], _ matched: inout [Int?], _ seen: inout [Bool]
    ) -> Bool {
        var reachedFrom: [Int?] = steps.map { _ in nil }
        var queue = [start]
        var next = 0
        while next < queue.count {
            let earlier = queue[next]
            next += 1
            for later in steps.indices
            where !seen[later] && isDone(steps[earlier], beforeStartOf: steps[later]) {
                seen[later] = true
                reachedFrom[later] = earlier
                guard let owner = matched[later] else {
                    flip(later, reachedFrom, &matched)
                    return true
                }
                queue.append(owner)
            }
        }
        return false
    }

    private func flip(_ end: Int, _ reachedFrom: [Int?], _ matched: inout [Int?]) {
        var later: Int? = end
        while let current = later {
            guard let earlier = reachedFrom[current] else { return }
            let previous = matched.firstIndex { $0 == earlier }
            matched[current] = earlier
            later = previous
        }
    }
}
