import ClusterModel

/// Packs items into a given number of bins by inserting those left over and throwing others out.
///
/// An item that fits nowhere goes where the items that have to leave for it are the least trouble:
/// at first the smallest, and each time an item finds no room its trouble grows. So items that are
/// hard to place push out those that are easy, and the memory of trouble keeps the search from going
/// in circles.
/// - Source: Nagata and Bräysy, "A powerful route minimization heuristic for the vehicle routing
///   problem with time windows", Operations Research Letters 37(5), 2009.
struct EjectionSearch<Vector: PackedVector, Rules: EjectionRules>: Sendable {
    let field: PackingField<Vector>
    private(set) var rules: Rules
    private(set) var bins: Int
    /// Bin of each item; -1 for one that is left over.
    private(set) var binOf: ContiguousArray<Int32>
    /// Room of each bin when nothing is in it.
    private var capacity: ContiguousArray<Vector>
    private var room: ContiguousArray<Vector>
    /// Items of each bin, `slots` places a bin.
    private var members: ContiguousArray<Int32>
    private var count: ContiguousArray<Int32>
    private var position: ContiguousArray<Int32>
    private let slots: Int
    private var trouble: ContiguousArray<Int32>
    private(set) var pool: ContiguousArray<Int32> = []
    private var generator: SplitMix64
    /// Pairs of item and bin, or of an item and what has to leave for it, that were looked at.
    private(set) var checks = 0

    /// - Parameters:
    ///   - capacity: room of each bin when nothing is in it.
    ///   - binOf: where the items are; -1 for one that is left over.
    ///   - slots: the most items that any bin can hold.
    init(
        _ field: PackingField<Vector>, capacity: ContiguousArray<Vector>, rules: Rules,
        binOf: [Int], slots: Int, seed: UInt64
    ) {
        self.field = field
        self.rules = rules
        self.capacity = capacity
        bins = capacity.count
        self.slots = slots
        self.binOf = ContiguousArray(repeating: -1, count: field.items)
        room = capacity
        members = ContiguousArray(repeating: 0, count: bins * slots)
        count = ContiguousArray(repeating: 0, count: bins)
        position = ContiguousArray(repeating: 0, count: field.items)
        trouble = ContiguousArray(repeating: 1, count: field.items)
        generator = SplitMix64(seed: seed)
        let average = field.dimensions > 0 ? 1 / Float(field.dimensions) : 0
        for item in 0..<field.items {
            trouble[item] = 1 + Int32(Self.scale * field.weight[item] * average)
        }
        for (item, bin) in binOf.enumerated() {
            if bin >= 0 { put(item, in: bin) } else { pool.append(Int32(item)) }
        }
    }

    /// Trouble at the start of an item as large as a bin.
    private static var scale: Float { 20_000 }
    /// Random changes after an ejection.
    private static var shakes: Int { 100 }
    /// Of so many changes that would take an item from its home, one is tried.
    private static var attachment: Int { 16 }

    // MARK: Changes

    @inline(__always) private mutating func put(_ item: Int, in bin: Int) {
        let place = Int(count[bin])
        members[bin &* slots &+ place] = Int32(truncatingIfNeeded: item)
        position[item] = Int32(truncatingIfNeeded: place)
        count[bin] = Int32(truncatingIfNeeded: place &+ 1)
        binOf[item] = Int32(truncatingIfNeeded: bin)
        room[bin] = room[bin] &- field.size[item]
        rules.put(item, in: bin)
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
        rules.take(item, from: bin)
    }

    /// A number below `limit`.
    @inline(__always) private static func draw(
        _ limit: Int, _ generator: inout SplitMix64
    ) -> Int {
        Int(
            truncatingIfNeeded: ((generator.next() >> 32) &* UInt64(truncatingIfNeeded: limit))
                >> 32)
    }

    /// Gives up the bin that is worth least with what is in it; whether any can be given up.
    mutating func dropBin() -> Bool {
        var least: Int?
        var leastWeight = Float.infinity
        for bin in 0..<bins {
            guard var weight = rules.worth(of: bin) else { continue }
            for place in 0..<Int(count[bin]) {
                weight += field.weight[Int(members[bin * slots + place])]
            }
            if weight < leastWeight { (least, leastWeight) = (bin, weight) }
        }
        guard let least else { return false }
        drop(least)
        return true
    }

    private mutating func drop(_ bin: Int) {
        while count[bin] > 0 {
            let item = members[bin * slots + Int(count[bin]) - 1]
            take(Int(item))
            pool.append(item)
        }
        let last = bins - 1
        if bin != last {
            var moved: [Int] = []
            while count[last] > 0 {
                let item = Int(members[last * slots + Int(count[last]) - 1])
                take(item)
                moved.append(item)
            }
            rules.swap(bin, last)
            capacity.swapAt(bin, last)
            room[bin] = capacity[bin]
            for item in moved { put(item, in: bin) }
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

    /// Any bin that `item` fits in, its home before all.
    private mutating func open(to item: Int, _ chance: inout SplitMix64) -> Int? {
        let size = field.size[item]
        let guards = field.guards
        var seen = 0
        var chosen: Int?
        checks &+= bins
        for bin in 0..<bins where (room[bin] &- size).covers(guards) {
            guard rules.admits(item, to: bin, except: Ejected()) else { continue }
            if rules.isHome(bin, of: item) { return bin }
            seen += 1
            if seen == 1 || Self.draw(seen, &chance) == 0 { chosen = bin }
        }
        return chosen
    }

    /// The least trouble found so far.
    private struct Choice {
        var bin = -1
        var ejected = Ejected()
        var trouble = Int32.max
        private var ties = 0

        @inline(__always) mutating func consider(
            _ bin: Int, _ ejected: Ejected, _ trouble: Int32, _ chance: inout SplitMix64
        ) {
            if trouble < self.trouble {
                ties = 1
            } else {
                ties += 1
                guard draw(ties, &chance) == 0 else { return }
            }
            (self.bin, self.ejected, self.trouble) = (bin, ejected, trouble)
        }
    }

    private mutating func leastTroubleFor(_ item: Int, _ chance: inout SplitMix64) -> Choice {
        let size = field.size[item]
        let guards = field.guards
        var found = Choice()
        for bin in 0..<bins {
            let short = room[bin] &- size
            let base = bin &* slots
            for place in 0..<Int(count[bin]) {
                let one = Int(members[base &+ place])
                let cost = trouble[one]
                guard cost <= found.trouble else { continue }
                checks &+= 1
                let left = short &+ field.size[one]
                let alone = Ejected(one: one)
                if left.covers(guards), rules.admits(item, to: bin, except: alone) {
                    found.consider(bin, alone, cost, &chance)
                    continue
                }
                checks &+= place
                for next in 0..<place {
                    let other = Int(members[base &+ next])
                    let sum = cost &+ trouble[other]
                    if sum <= found.trouble, (left &+ field.size[other]).covers(guards) {
                        let both = Ejected(one: one, other: other)
                        guard rules.admits(item, to: bin, except: both) else { continue }
                        found.consider(bin, both, sum, &chance)
                    }
                }
            }
        }
        return found
    }

    private mutating func eject(_ found: Choice, for item: Int) {
        guard found.bin >= 0 else {
            pool.append(Int32(truncatingIfNeeded: item))
            return
        }
        for ejected in [found.ejected.one, found.ejected.other] where ejected >= 0 {
            take(ejected)
            pool.append(Int32(truncatingIfNeeded: ejected))
        }
        put(item, in: found.bin)
    }

    @inline(__always) private func mayLeave(
        _ bin: Int, _ item: Int, _ chance: inout SplitMix64
    ) -> Bool {
        !rules.isHome(bin, of: item) || Self.draw(Self.attachment, &chance) == 0
    }

    /// Moves and swaps items at random, as far as they fit.
    private mutating func shake(_ chance: inout SplitMix64) {
        let guards = field.guards
        checks &+= Self.shakes
        for _ in 0..<Self.shakes {
            let item = Self.draw(field.items, &chance)
            let from = Int(binOf[item])
            guard from >= 0, mayLeave(from, item, &chance) else { continue }
            let bin = Self.draw(bins, &chance)
            guard bin != from else { continue }
            let short = room[bin] &- field.size[item]
            if short.covers(guards) {
                guard rules.admits(item, to: bin, except: Ejected()) else { continue }
                take(item)
                put(item, in: bin)
                continue
            }
            let held = Int(count[bin])
            guard held > 0 else { continue }
            let other = Int(members[bin &* slots &+ Self.draw(held, &chance)])
            guard (short &+ field.size[other]).covers(guards), mayLeave(bin, other, &chance),
                (room[from] &+ field.size[item] &- field.size[other]).covers(guards),
                rules.admits(item, to: bin, except: Ejected(one: other)),
                rules.admits(other, to: from, except: Ejected(one: item))
            else { continue }
            take(item)
            take(other)
            put(item, in: bin)
            put(other, in: from)
        }
    }
}
