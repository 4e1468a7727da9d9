import ClusterModel

/// Which steps have to be done before which, directly or through others.
struct Precedence {
    /// One row of bits a step: all steps that have to be done before it begins.
    private var ancestors: [[UInt64]] = []

    /// Nothing but `violations` when the steps are no well-formed order.
    static func make(_ steps: [Step]) -> (precedence: Precedence, violations: [Violation]) {
        var precedence = Precedence()
        var violations: [Violation] = []
        let words = (steps.count + 63) / 64
        for (position, step) in steps.enumerated() {
            if step.id.number != position {
                violations.append(.misnumbered(position: position, number: step.id.number))
            }
            var own = Array(repeating: UInt64(0), count: words)
            var named = Set<Int>()
            for predecessor in step.after {
                let number = predecessor.number
                guard number >= 0, number < position, named.insert(number).inserted else {
                    violations.append(.predecessor(of: step.id, predecessor))
                    continue
                }
                for word in 0..<words { own[word] |= precedence.ancestors[number][word] }
                own[number / 64] |= 1 << UInt64(number % 64)
            }
            precedence.ancestors.append(own)
        }
        return (precedence, violations)
    }

    /// Whether `earlier` is done whenever `later` has begun; a missing step is never done and never
    /// begins.
    func isDone(_ earlier: Int?, beforeStartOf later: Int?) -> Bool {
        guard let earlier, let later else { return false }
        return ancestors[later][earlier / 64] & (1 << UInt64(earlier % 64)) != 0
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
