import ClusterModel
import FoundationEssentials

/// The instant as certificates have it: whole seconds, rounded down.
func date(_ instant: Instant) -> Date {
    let (seconds, remainder) = instant.milliseconds.quotientAndRemainder(dividingBy: 1_000)
    return Date(timeIntervalSince1970: Double(remainder < 0 ? seconds - 1 : seconds))
}

/// The instant of a certificate's date; certificates count whole seconds, so nothing is lost.
func instant(_ date: Date) -> Instant {
    Instant(milliseconds: Int64(date.timeIntervalSince1970.rounded()) * 1_000)
}

/// ISO 8601 in UTC, for sentences that an operator reads.
func timestamp(_ instant: Instant) -> String { date(instant).formatted(.iso8601) }
