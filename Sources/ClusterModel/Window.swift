/// When automatic moves may start: hours of days of the week, in UTC.
///
/// UTC because a cluster spans time zones and because no hour of it comes twice or never: a window
/// in local time would do both, once a year.
package struct Window: Hashable, Sendable {
    /// It is open while any of these is; without any it never is.
    package let entries: [Entry]

    package static let always = Window([.everyDay])
    package static let never = Window([])

    package init(_ entries: [Entry]) { self.entries = entries }

    /// Most entries that one window has: each hour of two weeks.
    package static let mostEntries = 336

    /// Whether automatic moves may start at `now`.
    package func isOpen(at now: Instant) -> Bool {
        let minutes = Self.floored(now.milliseconds, by: 60_000).quotient
        let (day, minute) = Self.floored(minutes, by: Int64(Entry.minutesOfDay))
        // The epoch's first day was a Thursday.
        let weekday = Int(Self.floored(day + 3, by: 7).remainder)
        return entries.contains { $0.contains(weekday: weekday, minute: Int(minute)) }
    }

    private static func floored(
        _ number: Int64, by divisor: Int64
    ) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// Some days of the week and the hours of each; hours that end before they begin end the day
    /// after.
    package struct Entry: Hashable, Sendable {
        /// Days on which it begins, in ascending order.
        package let days: [Weekday]
        /// Minute of the day at which it opens.
        package let from: Int
        /// Minute of the day at which it closes, up to 1 440, which is midnight.
        package let to: Int

        package static let minutesOfDay = 1_440
        fileprivate static let everyDay = Entry(checked: Weekday.allCases, 0, minutesOfDay)

        package init(days: [Weekday], from: Int, to: Int) throws(InvalidValue) {
            guard !days.isEmpty else { throw InvalidValue("window", "an entry names no day") }
            guard (0..<Self.minutesOfDay).contains(from), (1...Self.minutesOfDay).contains(to)
            else { throw InvalidValue("window", "hours lie between 00:00 and 24:00") }
            guard from != to else {
                throw InvalidValue(
                    "window", "hours begin and end at the same minute",
                    suggestion: "a whole day is 00:00-24:00")
            }
            self.init(checked: days, from, to)
        }

        private init(checked days: [Weekday], _ from: Int, _ to: Int) {
            self.days = Weekday.allCases.filter(days.contains)
            self.from = from
            self.to = to
        }

        fileprivate func contains(weekday: Int, minute: Int) -> Bool {
            let isToday = days.contains { $0.rawValue == weekday }
            guard from > to else { return isToday && (from..<to).contains(minute) }
            let wasYesterday = days.contains { $0.rawValue == (weekday + 6) % 7 }
            return (isToday && minute >= from) || (wasYesterday && minute < to)
        }
    }

    package enum Weekday: Int, Hashable, Sendable, CaseIterable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday
    }
}
