import ClusterModel
import Synchronization

/// What came of an instance that was fetched, and how fast.
final class FetchMeter: Sendable {
    private let state = Mutex(State())
    private let begun = ContinuousClock.now

    private struct State {
        var bytes: UInt64 = 0
        var last: ContinuousClock.Instant?
        var isZstd = false
    }

    /// Less says more of the connection's beginning than of the way.
    private static let least = (time: Duration.milliseconds(50), bytes: UInt64(4 << 20))

    /// Counts what came over the network, as it came.
    func note(_ bytes: Int, isZstd: Bool) {
        let now = ContinuousClock.now
        state.withLock {
            $0.bytes += UInt64(bytes)
            $0.last = now
            $0.isZstd = isZstd
        }
    }

    var measure: MoveMeasure {
        let (bytes, last, isZstd) = state.withLock { ($0.bytes, $0.last, $0.isZstd) }
        let time = (last ?? begun) - begun
        // What is compressed comes as fast as it is compressed, which says little of the way.
        guard !isZstd, bytes >= Self.least.bytes, time >= Self.least.time else {
            return MoveMeasure(bytes: Bytes(bytes))
        }
        return MoveMeasure(
            bytes: Bytes(bytes),
            bandwidth: BytesPerSecond(bytes / UInt64(time.milliseconds) * 1_000))
    }
}
