package import ClusterModel
import Glibc

/// The machine's clocks as model instants; shells hold it, engines never see it.
///
/// It reads the time of day once and counts on from there by the clock that nobody sets, so that a corrected
/// time of day makes no host look silent.
package struct SystemClock: Sendable {
    private let began: Instant
    private let beganNanoseconds: UInt64

    package init() {
        began = Instant(milliseconds: Int64(Self.nanoseconds(CLOCK_REALTIME) / 1_000_000))
        beganNanoseconds = Self.nanoseconds(CLOCK_BOOTTIME)
    }

    package var now: Instant {
        began.advanced(by: .nanoseconds(Int64(monotonicNanoseconds - beganNanoseconds)))
    }

    /// Nanoseconds since the machine booted, sleep included.
    package var monotonicNanoseconds: UInt64 { Self.nanoseconds(CLOCK_BOOTTIME) }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
