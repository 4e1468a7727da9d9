import ClusterModel

/// Packs items into a given number of bins by inserting those left over and throwing others out.
///
/// An item that fits nowhere goes where the items that have to leave for it are the least trouble:
/// at first the smallest, and each time an item finds no room its trouble grows. So items that are
/// hard to place push out those that are easy, and the memory of trouble keeps the search from going
/// in circles.
/// - Source: Nagata and Bräysy, "A powerful route minimization heuristic for the vehicle routing
///   problem with time windows", Operations Research Letters 37(5), 2009.
struct EjectionSearch<Vector: PackedVector>: Sendable {
    let field: PackingField<Vector>
    private(set) var bins: Int
    /// Bin of each item; -1 for one that is left over.
    private(set) var binOf: ContiguousArray<Int32>
    private var room: ContiguousArray<Vector>
    /// Items of each bin, `slots` places a bin.
    private var members: ContiguousArray<Int32>
    private var count: ContiguousArray<Int32>
    private var position: ContiguousArray<Int32>
    private let slots: Int
    private var trouble: ContiguousArray<Int32>
    private(set) var pool: ContiguousArray<Int32> = []
    private var generator: SplitMix64

    init(_ field: PackingField<Vector>, binOf: [Int], bins: Int, slots: Int, seed: UInt64) {
        self.field = field
        self.bins = bins
        self.slots = slots
        self.binOf = ContiguousArray(repeating: -1, count: field.items)
        room = ContiguousArray(repeating: field.empty, count: bins)
        members = ContiguousArray(repeating: 0, count: bins * slots)
        count = ContiguousArray(repeating: 0, count: bins)
        position = ContiguousArray(repeating: 0, count: field.items)
        trouble = ContiguousArray(repeating: 1, count: field.items)
        generator = SplitMix64(seed: seed)
        let average = field.dimensions > 0 ? 1 / Float(field.dimensions) : 0
        for item in 0..<field.items {
            trouble[item] = 1 + Int32(Self.scale * field.weight[item] * average)
        }
        for (item, bin) in binOf.enumerated() { put(item, in: bin) }
    }

    /// Trouble at the start of an item as large as a bin.
    private static var scale: Float { 20_000 }
    /// Random changes after an ejection.
    private static var shakes: Int { 100 }

    // MARK: Changes

    @inline(__always) private mutating func put(_ item: Int, in bin: Int) {
        let place = Int(count[bin])
        members[bin &* slots &+ place] = Int32(truncatingIfNeeded: item)
        position[item] = Int32(truncatingIfNeeded: place)
        count[bin] = Int32(truncatingIfNeeded: place &+ 1)
        binOf[item] = Int32(truncatingIfNeeded: bin)
        room[bin] = room[bin] &- field.size[item]
    }

    @inline(__always) private mutating func take(_ item: Int) {
        let bin = Int(binOf[item])
        let last = Int(count[bin]) &- 1
        let moved = members[bin &* slots &+ last]
        let place = position[item]
        members[bin &* slots &+ Int(place)] = moved
        position[Int(moved)] = place
        count[bin] = Int32(truncatingIfNeeded: last)
        binOf[item] = -1
        room[bin] = room[bin] &+ field.size[item]
    }

    /// A number below `limit`.
    @inline(__always) private mutating func draw(_ limit: Int) -> Int {
        Int(
            truncatingIfNeeded: ((generator.next() >> 32) &* UInt64(truncatingIfNeeded: limit))
                >> 32)
    }

    /// Gives up the bin that has the least in it.
    mutating func dropBin() {
        var least = 0
        var leastWeight = Float.infinity
        for bin in 0..<bins {
            var weight: Float = 0
            for place in 0..<Int(count[bin]) {
                weight += field.weight[Int(members[bin * slots + place])]
            }
            if weight < leastWeight { (least, leastWeight) = (bin, weight) }
        }
        while count[least] > 0 {
            let item = members[least * slots + Int(count[least]) - 1]
            take(Int(item))
            pool.append(item)
        }
        let last = bins - 1
        if least != last {
            while count[last] > 0 {
                let item = Int(members[last * slots + Int(count[last]) - 1])
                take(item)
                put(item, in: least)
            }
        }
        bins = last
    }

    // MARK: Steps

    /// Places one item that is left over; whether none is left after that.
    mutating func step() -> Bool {
        guard !pool.isEmpty else { return true }
        let place = draw(pool.count)
        pool.swapAt(place, pool.count - 1)
        let item = Int(pool.removeLast())
        if let bin = roomiest(item) {
            put(item, in: bin)
            return pool.isEmpty
        }
        trouble[item] &+= 1
        eject(for: item)
        shake()
        return false
    }

    /// A bin that `item` fits in.
    private mutating func roomiest(_ item: Int) -> Int? {
        let size = field.size[item]
        let guards = field.guards
        var seen = 0
        var chosen: Int?
        for bin in 0..<bins where (room[bin] &- size).covers(guards) {
            seen += 1
            if seen == 1 || draw(seen) == 0 { chosen = bin }
        }
        return chosen
    }

    private mutating func eject(for item: Int) {
        let size = field.size[item]
        let guards = field.guards
        var best = Int32.max
        var ties = 0
        var one = -1
        var other = -1
        for bin in 0..<bins {
            let short = room[bin] &- size
            let base = bin &* slots
            let held = Int(count[bin])
            for place in 0..<held {
                let first = Int(members[base &+ place])
                let cost = trouble[first]
                guard cost <= best else { continue }
                let left = short &+ field.size[first]
                if left.covers(guards) {
                    if cost < best {
                        (best, ties, one, other) = (cost, 1, first, -1)
                    } else {
                        ties += 1
                        if draw(ties) == 0 { (one, other) = (first, -1) }
                    }
                    continue
                }
                for next in 0..<place {
                    let second = Int(members[base &+ next])
                    let sum = cost &+ trouble[second]
                    guard sum <= best, (left &+ field.size[second]).covers(guards) else { continue }
                    if sum < best {
                        (best, ties, one, other) = (sum, 1, first, second)
                    } else {
                        ties += 1
                        if draw(ties) == 0 { (one, other) = (first, second) }
                    }
                }
            }
        }
        guard one >= 0 else {
            pool.append(Int32(item))
            return
        }
        let bin = Int(binOf[one])
        take(one)
        pool.append(Int32(one))
        if other >= 0 {
            take(other)
            pool.append(Int32(other))
        }
        put(item, in: bin)
    }

    /// Moves and swaps items at random, as far as they fit.
    private mutating func shake() {
        let guards = field.guards
        for _ in 0..<Self.shakes {
            let item = draw(field.items)
            let from = Int(binOf[item])
            guard from >= 0 else { continue }
            let bin = draw(bins)
            guard bin != from else { continue }
            let short = room[bin] &- field.size[item]
            if short.covers(guards) {
                take(item)
                put(item, in: bin)
                continue
            }
            let held = Int(count[bin])
            guard held > 0 else { continue }
            let other = Int(members[bin &* slots &+ draw(held)])
            guard (short &+ field.size[other]).covers(guards),
                (room[from] &+ field.size[item] &- field.size[other]).covers(guards)
            else { continue }
            take(item)
            take(other)
            put(item, in: bin)
            put(other, in: from)
        }
    }
}
