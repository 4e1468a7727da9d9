/// Mean processor time of an instance over a day, in buckets of five minutes.
///
/// Buckets begin at multiples of five minutes, so those of the same number belong to the same time and can be added up
/// across instances. A bucket in which nothing was heard is unknown, not idle.
package struct DaySeries: Hashable, Sendable {
    package static let bucket = Duration.seconds(300)
    /// A day.
    package static let capacity = UseSeries.capacity
    /// Largest amount that a bucket keeps; about four million cores.
    package static let most = UInt64(UInt32.max - 1)

    /// Number of the first bucket that is not in it any more.
    package private(set) var end: Int64
    /// Millicores of the buckets before `end`, oldest first, four bytes each.
    private var amounts: [UInt32]

    private static let unknown = UInt32.max

    package static let empty = DaySeries(end: 0, [])

    /// `amounts`, oldest first, are those of the buckets before `end`; the newest `capacity` are kept.
    package init(end: Int64, _ amounts: [UInt64?]) {
        self.end = end
        self.amounts = amounts.suffix(Self.capacity).map(Self.cell)
    }

    private static func cell(_ amount: UInt64?) -> UInt32 {
        amount.map { UInt32(min($0, most)) } ?? unknown
    }

    /// Number of the bucket that `instant` is in.
    package static func number(of instant: Instant) -> Int64 {
        let length = bucket.milliseconds
        let (quotient, rest) = instant.milliseconds.quotientAndRemainder(dividingBy: length)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// Millicores of bucket `number`; `nil` if nothing is known of it.
    package subscript(number: Int64) -> UInt64? {
        let begin = end - Int64(amounts.count)
        guard number >= begin, number < end else { return nil }
        let cell = amounts[Int(number - begin)]
        return cell == Self.unknown ? nil : UInt64(cell)
    }

    /// The same amounts in buckets that are later by the whole ones in `time`.
    package func shifted(by time: Duration) -> DaySeries {
        DaySeries(end: end + time.milliseconds / Self.bucket.milliseconds, all)
    }

    /// Every bucket from the oldest to the newest.
    package var all: [UInt64?] { amounts.map { $0 == Self.unknown ? nil : UInt64($0) } }

    /// Adds bucket `number`; those in between are unknown, and one that is over already stays as it is.
    package mutating func append(_ amount: UInt64, number: Int64) {
        guard !amounts.isEmpty, number - end < Int64(Self.capacity) else {
            guard amounts.isEmpty || number >= end else { return }
            self = DaySeries(end: number + 1, [amount])
            return
        }
        guard number >= end else { return }
        for _ in end..<number { amounts.append(Self.unknown) }
        amounts.append(Self.cell(amount))
        amounts.removeFirst(max(0, amounts.count - Self.capacity))
        end = number + 1
    }
}

/// A day in the making: reports are averaged until their bucket is over.
package struct DayRecorder: Hashable, Sendable {
    private var closed = DaySeries.empty
    private var open: Int64 = .min
    private var sum: UInt64 = 0
    private var count: UInt64 = 0

    /// Buckets of an hour: no clock is set back that far but one that was wrong.
    private static let ahead: Int64 = 12

    package init() {}

    /// Counts one report into the bucket that `instant` is in.
    package mutating func note(_ amount: UInt64, at instant: Instant) {
        let number = DaySeries.number(of: instant)
        if number != open {
            if number + Self.ahead < open {
                // The clock was ahead: what was kept is of no day.
                self = DayRecorder()
            }
            // A clock that was set back a little adds to no bucket that is over.
            guard number > open else { return }
            close()
            open = number
        }
        sum = sum.saturatingSum(amount)
        count += 1
    }

    /// The buckets that are over at `instant`.
    package func series(at instant: Instant) -> DaySeries {
        guard open < DaySeries.number(of: instant) else { return closed }
        var recorder = self
        recorder.close()
        return recorder.closed
    }

    private mutating func close() {
        if count > 0 { closed.append(sum / count, number: open) }
        sum = 0
        count = 0
    }
}
