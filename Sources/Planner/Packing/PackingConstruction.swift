/// A greedy way to pack.
struct PackingConstruction: Hashable, Sendable {
    enum Fill: Hashable, Sendable {
        /// Fills one bin after the other with the item that suits it best.
        case bins
        /// Puts one item after the other, largest first, where it suits best.
        case items
        /// Puts one item after the other, largest first, into the first bin that takes it.
        case first
    }
    enum Score: Hashable, Sendable {
        /// How much the item asks for what the bin has.
        case product
        /// How little room is left.
        case distance
    }
    /// What a resource counts.
    enum Emphasis: Hashable, Sendable {
        case even, demand, steep
        /// Demand of the items that are not packed yet.
        case left
    }
    let fill: Fill
    let score: Score
    let emphasis: Emphasis

    /// The ways that are worth their time for so many items.
    static func all(items: Int) -> [PackingConstruction] {
        items <= mostForAll ? all : [Self(fill: .first, score: .product, emphasis: .even)]
    }

    /// Filling bins one by one looks at all items for each; more than these take seconds.
    private static let mostForAll = 4_000
    /// Bins that are looked at for an item when there are many.
    private static let window = 256

    private static let all: [PackingConstruction] = [
        Self(fill: .bins, score: .product, emphasis: .left),
        Self(fill: .bins, score: .distance, emphasis: .left),
        Self(fill: .bins, score: .product, emphasis: .demand),
        Self(fill: .bins, score: .distance, emphasis: .steep),
        Self(fill: .items, score: .product, emphasis: .demand),
        Self(fill: .items, score: .distance, emphasis: .steep),
        Self(fill: .first, score: .product, emphasis: .steep),
        Self(fill: .first, score: .product, emphasis: .even),
    ]

    func packing<Vector: PackedVector>(_ field: PackingField<Vector>) -> [Int] {
        fill == .bins ? binByBin(field) : itemByItem(field)
    }

    private func weights(_ demand: [Float]) -> [Float] {
        switch emphasis {
        case .even: return demand.map { _ in 1 }
        case .demand, .left: return demand
        case .steep:
            let most = demand.max() ?? 1
            return demand.map { most > 0 ? ($0 / most) * ($0 / most) : 1 }
        }
    }

    private func binByBin<Vector: PackedVector>(_ field: PackingField<Vector>) -> [Int] {
        let d = field.dimensions
        var binOf = [Int](repeating: -1, count: field.items)
        var left = ContiguousArray(0..<field.items)
        var demand = [Float](repeating: 0, count: d)
        for item in 0..<field.items {
            for k in 0..<d { demand[k] += field.share[item * d + k] / Float(max(1, field.items)) }
        }
        var weights = weights(demand)
        var free = [Float](repeating: 1, count: d)
        var bin = 0
        while !left.isEmpty {
            var room = field.empty
            for k in 0..<d { free[k] = 1 }
            // Items that cannot go into this bin any more are behind `end`.
            var end = left.count
            while end > 0 {
                var best = -1
                var bestScore = -Float.infinity
                var place = 0
                while place < end {
                    let item = left[place]
                    guard field.fits(item, in: room) else {
                        end -= 1
                        left.swapAt(place, end)
                        continue
                    }
                    var score: Float = 0
                    for k in 0..<d {
                        let share = field.share[item &* d &+ k]
                        if self.score == .product {
                            score += weights[k] * share * free[k]
                        } else {
                            let gap = free[k] - share
                            score -= weights[k] * gap * gap
                        }
                    }
                    if score > bestScore || (score == bestScore && item < left[best]) {
                        (best, bestScore) = (place, score)
                    }
                    place += 1
                }
                guard best >= 0 else { break }
                let item = left[best]
                binOf[item] = bin
                room = room &- field.size[item]
                for k in 0..<d {
                    free[k] -= field.share[item &* d &+ k]
                    demand[k] -= field.share[item &* d &+ k] / Float(field.items)
                }
                end -= 1
                left.swapAt(best, end)
                left.swapAt(end, left.count - 1)
                left.removeLast()
            }
            if emphasis == .left { weights = self.weights(demand) }
            bin += 1
        }
        return binOf
    }

    private func itemByItem<Vector: PackedVector>(_ field: PackingField<Vector>) -> [Int] {
        let d = field.dimensions
        var binOf = [Int](repeating: -1, count: field.items)
        var demand = [Float](repeating: 0, count: d)
        for item in 0..<field.items {
            for k in 0..<d { demand[k] += field.share[item * d + k] / Float(max(1, field.items)) }
        }
        let weights = weights(demand)
        let measure = (0..<field.items).map { item -> Float in
            var sum: Float = 0
            for k in 0..<d {
                let share = field.share[item * d + k]
                sum += weights[k] * share * (score == .distance ? share : 1)
            }
            return sum
        }
        let order = (0..<field.items).sorted { (measure[$1], $0) < (measure[$0], $1) }
        var rooms: ContiguousArray<Vector> = []
        var free: ContiguousArray<Float> = []
        for item in order {
            var best = -1
            var bestScore = -Float.infinity
            let oldest = field.items > Self.mostForAll ? max(0, rooms.count - Self.window) : 0
            for bin in oldest..<rooms.count where field.fits(item, in: rooms[bin]) {
                if fill == .first {
                    best = bin
                    break
                }
                var score: Float = 0
                for k in 0..<d {
                    let share = field.share[item &* d &+ k]
                    let room = free[bin &* d &+ k]
                    if self.score == .product {
                        score += weights[k] * share * room
                    } else {
                        score -= weights[k] * (room - share) * (room - share)
                    }
                }
                if score > bestScore { (best, bestScore) = (bin, score) }
            }
            if best < 0 {
                best = rooms.count
                rooms.append(field.empty)
                free.append(contentsOf: repeatElement(1, count: d))
            }
            rooms[best] = rooms[best] &- field.size[item]
            for k in 0..<d { free[best &* d &+ k] -= field.share[item &* d &+ k] }
            binOf[item] = best
        }
        return binOf
    }
}
