import ClusterModel

/// How much of its memory a guest is to keep while it is moved; what it gives up need not be sent.
///
/// It keeps what it has in use and a margin, so that it can go on as it did, and what it holds besides only because nobody
/// else wants it (pages that were freed, files that can be read again) goes. It is asked only where that saves sending:
/// memory that it never touched costs next to nothing, whoever has it.
struct Balloon: Hashable, Sendable {
    /// What the guest has now, without what is in the balloon already.
    let size: Bytes
    /// What of that it can do without at once, in the estimate of its own kernel.
    let available: Bytes
    /// What of it holds anything but zeros, and so would have to be sent; `nil` where nobody knows.
    let inhabited: Bytes?

    /// What it may come to want while it is moved: an eighth of what it uses, at least this.
    static let leastMargin = Bytes.mebibytes(64)
    /// Less than this is sent sooner than it is asked for.
    static let leastGain = Bytes.mebibytes(32)

    /// What the guest is to keep, in whole MiB; `nil` where it need not be asked, or where what it tells cannot be.
    ///
    /// Never less than what is in use and the margin: what is asked for is part of `available`.
    var kept: Bytes? {
        guard let used = size.subtracting(available) else { return nil }
        let margin = max(Self.leastMargin, Bytes(used.count / 8))
        let kept = Self.wholeMebibytes(used + margin)
        guard gains(keeping: kept, of: size), gains(keeping: kept, of: inhabited ?? size) else {
            return nil
        }
        return kept
    }

    private func gains(keeping kept: Bytes, of held: Bytes) -> Bool {
        held.subtracting(kept).map { $0 >= Self.leastGain } ?? false
    }

    private static func wholeMebibytes(_ bytes: Bytes) -> Bytes {
        Bytes(((bytes + Bytes((1 << 20) - 1)).count >> 20) << 20)
    }
}

/// A balloon that is being filled, and for how long that is waited for.
struct Inflation: Hashable, Sendable {
    /// What the guest is to keep.
    let goal: Bytes
    private var least: Bytes
    private var shrankAt = Duration.zero

    /// A guest that found no page tries again after a fifth of a second; this is several of those.
    /// - Source: Linux, drivers/virtio/virtio_balloon.c, `fill_balloon`.
    static let patience = Duration.seconds(1)
    /// What comes later is sent instead.
    static let longest = Duration.seconds(10)

    init(from size: Bytes, to goal: Bytes) {
        self.goal = goal
        least = size
    }

    /// One look, `elapsed` after the guest was asked: whether to wait no longer for a guest that has `size` now.
    mutating func isOver(_ size: Bytes, at elapsed: Duration) -> Bool {
        if size < least { (least, shrankAt) = (size, elapsed) }
        return size <= goal || elapsed - shrankAt >= Self.patience || elapsed >= Self.longest
    }
}

/// What a guest's driver tells of its memory.
/// - Source: QEMU, docs/interop/virtio-balloon-stats.rst: what a guest does not tell is the largest number there is.
struct GuestMemory: Decodable, Hashable, Sendable {
    /// When the guest told it, in seconds; zero where it never did.
    let toldAt: Int64
    /// What it could do without, in its kernel's estimate; of an old kernel what nobody uses.
    let available: Bytes?

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        toldAt = try fields.decode(Int64.self, forKey: .toldAt)
        let figures = try fields.nestedContainer(keyedBy: Figure.self, forKey: .figures)
        func told(_ figure: Figure) -> Bytes? {
            // One that is no such number was not told either.
            guard let count = try? figures.decodeIfPresent(UInt64.self, forKey: figure),
                count != .max
            else { return nil }
            return Bytes(count)
        }
        available = told(.available) ?? told(.free)
    }

    private enum CodingKeys: String, CodingKey {
        case toldAt = "last-update"
        case figures = "stats"
    }

    private enum Figure: String, CodingKey {
        case available = "stat-available-memory"
        case free = "stat-free-memory"
    }
}
