/// The `grpc-timeout` header: at most eight digits and a unit.
/// - Source: grpc/doc/PROTOCOL-HTTP2.md, "Timeout".
enum CallTimeout {
    /// Nanoseconds in each unit, finest first.
    private static let units: [(symbol: Character, nanoseconds: Int64)] = [
        ("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000),
        ("M", 60_000_000_000), ("H", 3_600_000_000_000),
    ]

    /// The duration, or `nil` when the text is not a timeout.
    static func parse(_ text: String) -> Duration? {
        guard let symbol = text.last, let unit = units.first(where: { $0.symbol == symbol }) else {
            return nil
        }
        let digits = text.dropLast()
        guard (1...8).contains(digits.utf8.count), digits.allSatisfy(\.isASCIIDigit),
            let number = Int64(digits)
        else { return nil }
        // 99 999 999 hours are 3.6 × 10²⁰ ns and overflow Int64: count in seconds from there.
        return unit.nanoseconds >= 1_000_000_000
            ? .seconds(number * (unit.nanoseconds / 1_000_000_000))
            : .nanoseconds(number * unit.nanoseconds)
    }

    /// The finest unit that holds the duration in eight digits, rounded up; at least 1 ns.
    static func format(_ timeout: Duration) -> String {
        let parts = timeout.components
        let seconds = max(0, min(parts.seconds, 99_999_999 * 3_600))
        let nanoseconds = max(0, parts.attoseconds / 1_000_000_000)
        for unit in units where unit.nanoseconds < 1_000_000_000 {
            let perSecond = 1_000_000_000 / unit.nanoseconds
            let fraction = (nanoseconds + unit.nanoseconds - 1) / unit.nanoseconds
            // Before multiplying, which could overflow.
            guard seconds <= 99_999_999 / perSecond else { continue }
            let count = max(1, seconds * perSecond + fraction)
            if count <= 99_999_999 { return "\(count)\(unit.symbol)" }
        }
        let whole = nanoseconds > 0 ? seconds + 1 : seconds
        for unit in units where unit.nanoseconds >= 1_000_000_000 {
            let length = unit.nanoseconds / 1_000_000_000
            let count = (whole + length - 1) / length
            if count <= 99_999_999 { return "\(count)\(unit.symbol)" }
        }
        return "99999999H"
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
