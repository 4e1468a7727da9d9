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
    @inline(__always) private static func draw(
        _ limit: Int, _ generator: inout SplitMix64
    ) -> Int {
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
        var chance = generator
        let place = Self.draw(pool.count, &chance)
        pool.swapAt(place, pool.count - 1)
        let item = Int(pool.removeLast())
        if let bin = open(to: item, &chance) {
            put(item, in: bin)
        } else {
            trouble[item] &+= 1
            eject(leastTroubleFor(item, &chance), for: item)
            shake(&chance)
        }
        generator = chance
        return pool.isEmpty
    }

    /// Any bin that `item` fits in.
    private func open(to item: Int, _ chance: inout SplitMix64) -> Int? {
        let size = field.size[item]
        let guards = field.guards
        var seen = 0
        var chosen: Int?
        for bin in 0..<bins where (room[bin] &- size).covers(guards) {
            seen += 1
            if seen == 1 || Self.draw(seen, &chance) == 0 { chosen = bin }
        }
        return chosen
    }

    /// Up to two items of one bin that make room for another.
    private struct Ejected {
        var one = -1
        var other = -1
        var trouble = Int32.max
        private var ties = 0

        @inline(__always) mutating func consider(
            _ one: Int, _ other: Int, _ trouble: Int32, _ chance: inout SplitMix64
        ) {
            if trouble < self.trouble {
                ties = 1
            } else {
                ties += 1
                guard draw(ties, &chance) == 0 else { return }
            }
            (self.one, self.other, self.trouble) = (one, other, trouble)
        }
    }

    private func leastTroubleFor(_ item: Int, _ chance: inout SplitMix64) -> Ejected {
        let size = field.size[item]
        let guards = field.guards
        var found = Ejected()
        for bin in 0..<bins {
            let short = room[bin] &- size
            let base = bin &* slots
            for place in 0..<Int(count[bin]) {
                let one = Int(members[base &+ place])
                let cost = trouble[one]
                guard cost <= found.trouble else { continue }
                let left = short &+ field.size[one]
                if left.covers(guards) {
                    found.consider(one, -1, cost, &chance)
                    continue
                }
                for next in 0..<place {
                    let other = Int(members[base &+ next])
                    let sum = cost &+ trouble[other]
                    if sum <= found.trouble, (left &+ field.size[other]).covers(guards) {
                        found.consider(one, other, sum, &chance)
                    }
                }
            }
        }
        return found
    }

    private mutating func eject(_ found: Ejected, for item: Int) {
        guard found.one >= 0 else {
            pool.append(Int32(truncatingIfNeeded: item))
            return
        }
        let bin = Int(binOf[found.one])
        for ejected in [found.one, found.other] where ejected >= 0 {
            take(ejected)
            pool.append(Int32(truncatingIfNeeded: ejected))
        }
        put(item, in: bin)
    }

    /// Moves and swaps items at random, as far as they fit.
    private mutating func shake(_ chance: inout SplitMix64) {
        let guards = field.guards
        for _ in 0..<Self.shakes {
            let item = Self.draw(field.items, &chance)
            let from = Int(binOf[item])
            guard from >= 0 else { continue }
            let bin = Self.draw(bins, &chance)
            guard bin != from else { continue }
            let short = room[bin] &- field.size[item]
            if short.covers(guards) {
                take(item)
                put(item, in: bin)
                continue
            }
            let held = Int(count[bin])
            guard held > 0 else { continue }
            let other = Int(members[bin &* slots &+ Self.draw(held, &chance)])
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
