/// Several amounts side by side in machine words, so that one subtraction compares them all.
///
/// Each amount has a lane with one bit more than its capacity needs. In a vector of *room* that
/// spare bit is set: it survives the subtraction of an amount that is no larger than the room.
/// - Source: Lamport, "Multiple byte processing with full-word instructions", CACM 18(8), 1975.
protocol PackedVector: Sendable {
    static var words: Int { get }
    static var zero: Self { get }
    subscript(word word: Int) -> UInt64 { get set }
    static func &+ (a: Self, b: Self) -> Self
    static func &- (a: Self, b: Self) -> Self
    /// Whether all bits of `mask` are set.
    func covers(_ mask: Self) -> Bool
}

/// A packed vector of one word.
struct PackedWord: PackedVector {
    private var bits: UInt64

    static var words: Int { 1 }
    static var zero: Self { Self(bits: 0) }

    subscript(word word: Int) -> UInt64 {
        get { bits }
        set { bits = newValue }
    }

    @inline(__always) static func &+ (a: Self, b: Self) -> Self { Self(bits: a.bits &+ b.bits) }
    @inline(__always) static func &- (a: Self, b: Self) -> Self { Self(bits: a.bits &- b.bits) }
    @inline(__always) func covers(_ mask: Self) -> Bool { bits & mask.bits == mask.bits }
}

/// A packed vector of as many words as `Words` has.
struct PackedWords<Words: SIMD<UInt64> & Sendable>: PackedVector where Words.Scalar == UInt64 {
    private var bits: Words

    static var words: Int { Words.scalarCount }
    static var zero: Self { Self(bits: Words()) }

    subscript(word word: Int) -> UInt64 {
        get { bits[word] }
        set { bits[word] = newValue }
    }

    @inline(__always) static func &+ (a: Self, b: Self) -> Self { Self(bits: a.bits &+ b.bits) }
    @inline(__always) static func &- (a: Self, b: Self) -> Self { Self(bits: a.bits &- b.bits) }
    @inline(__always) func covers(_ mask: Self) -> Bool { bits & mask.bits == mask.bits }
}

/// Where in the words of a packed vector the amounts of a problem lie.
struct LaneLayout: Sendable {
    /// Word and shift of each resource's lane.
    let lanes: [(word: Int, shift: UInt64)]
    let words: Int

    init(capacities: [UInt64]) {
        var lanes: [(word: Int, shift: UInt64)] = []
        var word = 0
        var used = 0
        for capacity in capacities {
            let width = 65 - capacity.leadingZeroBitCount
            if used + width > 64 {
                word += 1
                used = 0
            }
            lanes.append((word, UInt64(used)))
            used += width
        }
        self.lanes = lanes
        words = word + 1
    }

    func packed<Vector: PackedVector>(_ amounts: some Sequence<UInt64>) -> Vector {
        var vector = Vector.zero
        for (lane, amount) in zip(lanes, amounts) {
            vector[word: lane.word] |= amount << lane.shift
        }
        return vector
    }

    /// The spare bit of every lane.
    func guards<Vector: PackedVector>(capacities: [UInt64]) -> Vector {
        var vector = Vector.zero
        for (lane, capacity) in zip(lanes, capacities) {
            vector[word: lane.word] |=
                (UInt64(1) << (64 - UInt64(capacity.leadingZeroBitCount)))
                << lane.shift
        }
        return vector
    }
}
