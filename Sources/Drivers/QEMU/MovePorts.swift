import Synchronization

/// Hands out the ports of a range in turn, so that moves that begin together try different ones.
///
/// Whether one is free is QEMU's to find out: it alone can listen there.
final class MovePorts: Sendable {
    private let range: ClosedRange<UInt16>
    private let next = Mutex<Int>(0)

    init(_ range: ClosedRange<UInt16>) { self.range = range }

    /// How many tries there are before every port was tried.
    var count: Int { range.count }

    func take() -> UInt16 {
        next.withLock { next in
            defer { next = (next + 1) % range.count }
            return range.lowerBound + UInt16(next)
        }
    }
}
