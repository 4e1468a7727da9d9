package import ClusterModel

/// A quantity that could not be read: what is wrong with it and what would do.
package struct NotationFailure: Error, Hashable, Sendable {
    package let problem: String
    package let suggestion: String?

    package init(_ problem: String, suggestion: String? = nil) {
        self.problem = problem
        self.suggestion = suggestion
    }
}

/// A decimal number and the unit behind it, exact: no floating point takes part.
struct UnitNumber {
    /// Digits before the point.
    let whole: UInt64
    /// Digits behind the point, without trailing zeros.
    let fraction: [UInt8]
    let unit: String

    init(_ text: String) throws(NotationFailure) {
        let characters = Array(text.utf8)
        if characters.first == UInt8(ascii: "-") {
            throw NotationFailure("'\(text)' is negative", suggestion: "write a value above zero")
        }
        let isDigit = { (byte: UInt8) in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let digits = characters.prefix(while: isDigit)
        var rest = characters[digits.endIndex...]
        var behind: [UInt8] = []
        if rest.first == UInt8(ascii: "."), rest.dropFirst().first.map(isDigit) == true {
            behind = Array(rest.dropFirst().prefix(while: isDigit))
            rest = rest.dropFirst(1 + behind.count)
        }
        guard !digits.isEmpty else { throw NotationFailure("'\(text)' is not a number") }
        guard let whole = UInt64(String(decoding: digits, as: UTF8.self)), behind.count <= 18 else {
            throw NotationFailure("'\(text)' is too large")
        }
        while behind.last == UInt8(ascii: "0") { behind.removeLast() }
        self.whole = whole
        self.fraction = behind.map { $0 - UInt8(ascii: "0") }
        unit = String(decoding: rest.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
    }

    /// The number times `factor`; `nil` when that is no whole number or too large.
    func multiplied(by factor: UInt64) -> UInt64? {
        let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        var divisor: UInt64 = 1
        var digits: UInt64 = 0
        for digit in fraction {
            digits = digits * 10 + UInt64(digit)
            divisor *= 10
        }
        let wide = digits.multipliedFullWidth(by: factor)
        guard wide.high < divisor else { return nil }
        let (quotient, remainder) = divisor.dividingFullWidth(wide)
        guard remainder == 0 else { return nil }
        let (sum, tooLarge) = product.addingReportingOverflow(quotient)
        return tooLarge ? nil : sum
    }
}

extension CPU {
    /// Reads `500m`, `0.5` or `2`.
    package init(notation text: String) throws(NotationFailure) {
        let number = try UnitNumber(text)
        let factor: UInt64
        switch number.unit {
        case "m": factor = 1
        case "": factor = 1000
        default:
            throw NotationFailure(
                "'\(text)' has no unit of processor time",
                suggestion: "write thousandths of a core, such as 500m, or cores, such as 0.5")
        }
        guard let millicores = number.multiplied(by: factor) else {
            throw NotationFailure(
                "'\(text)' is finer than a thousandth of a core or too large",
                suggestion: "write thousandths of a core, such as 500m")
        }
        self.init(millicores: millicores)
    }

    /// The shortest notation that reads back to the same value.
    package var notation: String {
        millicores.isMultiple(of: 1000) ? "\(millicores / 1000)" : "\(millicores)m"
    }
}

extension Bytes {
    private static let units: [(name: String, factor: UInt64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000),
        ("KB", 1_000), ("B", 1),
    ]

    /// Reads `256MiB`, `1.5GiB`, `512MB`; a number needs its unit.
    package init(notation text: String) throws(NotationFailure) {
        let number = try UnitNumber(text)
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard !number.unit.isEmpty else {
            throw NotationFailure("'\(text)' has no unit", suggestion: Self.advice(for: text))
        }
        guard let unit = Self.units.first(where: { $0.name == number.unit }) else {
            let meant = Self.units.first { unit in
                let name = unit.name.lowercased()
                let typed = number.unit.lowercased()
                return name == typed || name == typed + "b" || name == typed + "ib"
            }
            throw NotationFailure(
                "'\(number.unit)' is not a unit of memory",
                suggestion: meant.map { "write \(digits)\($0.name)" }
                    ?? "one of: KiB, MiB, GiB, TiB, kB, MB, GB, TB")
        }
        guard let count = number.multiplied(by: unit.factor) else {
            throw NotationFailure("'\(text)' is no whole number of bytes or too large")
        }
        self.init(count)
    }

    /// The shortest notation that reads back to the same value.
    package var notation: String {
        guard count > 0 else { return "0B" }
        let exact = Self.units.first { count.isMultiple(of: $0.factor) }
        return exact.map { "\(count / $0.factor)\($0.name)" } ?? "\(count)B"
    }

    /// A bare number is far more often a count of mebibytes than of bytes, unless it is huge.
    private static func advice(for digits: String) -> String {
        guard let count = UInt64(digits), count >= 1 << 20 else { return "write \(digits)MiB" }
        return "write \(Bytes(count).notation)"
    }
}

extension BytesPerSecond {
    /// Reads `10MiB/s` or `100MB/s`.
    package init(notation text: String) throws(NotationFailure) {
        guard text.hasSuffix("/s") else {
            throw NotationFailure(
                "'\(text)' is not a rate", suggestion: "write bytes a second, such as 10MiB/s")
        }
        self.init(try Bytes(notation: String(text.dropLast(2))).count)
    }

    /// The shortest notation that reads back to the same value.
    package var notation: String { Bytes(count).notation + "/s" }
}

extension Duration {
    /// Longest duration read: a hundred years, far within every counter of milliseconds.
    package static let longestNotation = Duration.seconds(36_525 * 86_400)

    private static let units: [(names: [String], milliseconds: UInt64)] = [
        (["d", "day", "days"], 86_400_000), (["h", "hour", "hours"], 3_600_000),
        (["m", "min", "minutes"], 60_000), (["s", "sec", "seconds"], 1_000), (["ms"], 1),
    ]

    /// Reads `300ms`, `10s`, `2m` or `2min`, `1h`, `1d`.
    package init(notation text: String) throws(NotationFailure) {
        let number = try UnitNumber(text)
        guard let unit = Self.units.first(where: { $0.names.contains(number.unit) }) else {
            let digits = text.prefix { $0.isNumber || $0 == "." }
            throw NotationFailure(
                number.unit.isEmpty
                    ? "'\(text)' has no unit" : "'\(number.unit)' is not a unit of time",
                suggestion: "write \(digits)s, or one of: ms, s, m, h, d")
        }
        let longest = UInt64(Self.longestNotation.milliseconds)
        guard let count = number.multiplied(by: unit.milliseconds), count <= longest else {
            throw NotationFailure("'\(text)' is finer than a millisecond or too long")
        }
        self = .milliseconds(Int64(count))
    }

    /// The shortest notation that reads back to the same number of milliseconds.
    package var notation: String {
        let count = UInt64(max(0, milliseconds))
        guard count > 0 else { return "0s" }
        for unit in Self.units where count.isMultiple(of: unit.milliseconds) {
            return "\(count / unit.milliseconds)\(unit.names[0])"
        }
        return "\(count)ms"
    }
}

extension Share {
    /// Reads `95%`, `95 %` or `99.9%`.
    package init(notation text: String) throws(NotationFailure) {
        let number = try UnitNumber(text)
        guard number.unit == "%" else {
            throw NotationFailure(
                "'\(text)' is not a percentage", suggestion: "write a percentage, such as 95%")
        }
        guard let permille = number.multiplied(by: 10), let exact = UInt32(exactly: permille) else {
            throw NotationFailure("'\(text)' is finer than a tenth of a percent or too large")
        }
        self.init(permille: exact)
    }

    /// The shortest notation that reads back to the same value.
    package var notation: String {
        permille.isMultiple(of: 10) ? "\(permille / 10)%" : "\(permille / 10).\(permille % 10)%"
    }
}
