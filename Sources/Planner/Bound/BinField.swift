/// Items, and the room of bins of different sizes, as bounds count them: each resource in parts of
/// the largest bin.
///
/// Sizes are rounded down and room is rounded up, so whatever fits in truth fits here too.
struct BinField: Sendable {
    /// Sizes in each resource that is asked for at all, item after item.
    let sizes: [[UInt64]]
    /// What bins that count in any case have left, bin after bin.
    let rests: [[UInt64]]
    /// Bins that may stay empty, by their room.
    let kinds: [Kind]

    /// Bins that are alike.
    struct Kind: Sendable {
        /// Room in each resource.
        let room: [UInt64]
        let count: Int
    }

    /// Fine enough for every size that matters, coarse enough that 10 million items do not overflow
    /// any sum of weights, and a multiple of all numbers up to 16, so that a third of a bin is a
    /// third.
    static let parts: UInt64 = 720_720 * 16

    /// - Parameters:
    ///   - items: number of items.
    ///   - size: of an item in a resource.
    ///   - rests: room of the bins that count in any case.
    ///   - open: room of the bins that may stay empty.
    init(
        items: Int, dimensions: Int, size: (Int, Int) -> UInt64, rests: [[UInt128]],
        open: [(room: [UInt128], count: Int)]
    ) {
        let scales = (0..<dimensions).map { dimension in
            max(
                1, rests.reduce(0) { max($0, $1[dimension]) },
                open.reduce(0) { max($0, $1.room[dimension]) })
        }
        var sizes: [[UInt64]] = []
        var active: [Int] = []
        for dimension in 0..<dimensions {
            let scale = scales[dimension]
            let own = (0..<items).map { Self.floor(size($0, dimension), scale) }
            guard own.contains(where: { $0 > 0 }) else { continue }
            active.append(dimension)
            sizes.append(own)
        }
        self.sizes = sizes
        func parts(_ room: [UInt128]) -> [UInt64] {
            active.map { Self.ceiling(room[$0], scales[$0]) }
        }
        self.rests = rests.map(parts)
        kinds = open.map { Kind(room: parts($0.room), count: $0.count) }
    }

    var items: Int { sizes.first?.count ?? 0 }

    private static func floor(_ size: UInt64, _ scale: UInt128) -> UInt64 {
        guard UInt128(size) < scale else { return parts }
        // Smaller than the scale, so the quotient is smaller than `parts`.
        guard let narrow = UInt64(exactly: scale) else {
            return UInt64(UInt128(size) * UInt128(parts) / scale)
        }
        return narrow.dividingFullWidth(size.multipliedFullWidth(by: parts)).quotient
    }

    private static func ceiling(_ room: UInt128, _ scale: UInt128) -> UInt64 {
        UInt64((room * UInt128(parts) + scale - 1) / scale)
    }
}
