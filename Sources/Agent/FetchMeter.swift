import ClusterModel
import Synchronization

/// What came of an instance that was fetched, and how fast.
final class FetchMeter: Sendable {
    private let state = Mutex(State())
    private let begun = ContinuousClock.now

    private struct State {
        var bytes: UInt64 = 0
        var last: ContinuousClock.Instant?
        var compression = Policy.Compression.none
    }

    /// Less says more of the connection's beginning than of the way.
    private static let least = (time: Duration.milliseconds(50), bytes: UInt64(4 << 20))

    /// Counts what came over the network, as it came.
    func note(_ bytes: Int) {
        let now = ContinuousClock.now
        state.withLock {
            $0.bytes += UInt64(bytes)
            $0.last = now
        }
    }

    /// It comes compressed.
    func note(_ compression: Policy.Compression) {
        state.withLock { $0.compression = compression }
    }

    var measure: MoveMeasure {
        let (bytes, last, compression) = state.withLock { ($0.bytes, $0.last, $0.compression) }
        let time = (last ?? begun) - begun
        guard bytes >= Self.least.bytes, time >= Self.least.time else {
            return MoveMeasure(bytes: Bytes(bytes), compression: compression)
        }
        return MoveMeasure(
            bytes: Bytes(bytes),
            bandwidth: BytesPerSecond(bytes / UInt64(time.milliseconds) * 1_000),
            compression: compression)
    }
}
