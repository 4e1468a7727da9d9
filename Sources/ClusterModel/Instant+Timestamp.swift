extension Instant {
    /// The moment in UTC by the second, such as `2026-01-02T03:04:05Z`.
    /// - Source: Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
    package var timestamp: String {
        let seconds = Int64((Double(milliseconds) / 1000).rounded(.down))
        let days = Int64((Double(seconds) / 86_400).rounded(.down))
        let second = seconds - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * march + 2) / 5 + 1
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(year)-\(Self.two(month))-\(Self.two(day))"
        let hour = "\(Self.two(second / 3600)):\(Self.two(second / 60 % 60))"
        return "\(date)T\(hour):\(Self.two(second % 60))Z"
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
