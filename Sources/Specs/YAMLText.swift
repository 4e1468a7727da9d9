/// Writes YAML that any reader takes for the same strings, and a person likes to read.
package struct YAMLText: Sendable {
    package private(set) var text = ""
    private var indent = 0

    package init() {}

    /// Adds `key: value` on a line of its own; `value` is YAML already.
    package mutating func line(_ key: String, _ value: String) {
        text += String(repeating: " ", count: indent) + "\(Self.scalar(key)): \(value)\n"
    }

    /// Adds a string, as a block when it has several lines.
    package mutating func string(_ key: String, _ value: String) {
        guard value.contains("\n"), let block = Self.block(value, indent: indent + 2) else {
            line(key, Self.scalar(value))
            return
        }
        text += String(repeating: " ", count: indent) + "\(Self.scalar(key)): \(block)"
    }

    /// Adds the lines of `body` below `key`, one level deeper.
    package mutating func nested(_ key: String, _ body: (inout YAMLText) -> Void) {
        text += String(repeating: " ", count: indent) + "\(Self.scalar(key)):\n"
        indent += 2
        body(&self)
        indent -= 2
    }

    /// `{a: b, c: d}`; the values are YAML already.
    package static func flow(_ pairs: [(key: String, value: String)]) -> String {
        "{" + pairs.map { "\(scalar($0.key)): \($0.value)" }.joined(separator: ", ") + "}"
    }

    /// `[a, b]`; the elements are YAML already.
    package static func flow(_ elements: [String]) -> String {
        "[" + elements.joined(separator: ", ") + "]"
    }

    /// One string: plain where no reader could take it for anything else, else in double quotes.
    package static func scalar(_ string: String) -> String {
        isPlain(string) ? string : quoted(string)
    }

    /// Words that some YAML 1.1 reader takes for a truth value or nothing.
    private static let reserved: Set<String> = [
        "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan",
    ]

    private static func isPlain(_ string: String) -> Bool {
        guard let first = string.utf8.first, !reserved.contains(string.lowercased()) else {
            return false
        }
        let isLetter = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        let isDigit = { (byte: UInt8) in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard isLetter(first) || isDigit(first) || first == UInt8(ascii: "/") else { return false }
        let inner = Set("-_./+@".utf8)
        guard string.utf8.allSatisfy({ isLetter($0) || isDigit($0) || inner.contains($0) }) else {
            return isImageOrPorts(string)
        }
        // Digits first may be a number, a date or a version; only what ends in a unit is surely
        // none.
        return !isDigit(first)
            || string.utf8.contains(where: isLetter) && !string.hasPrefix("0")
                && !isNumberLike(string)
    }

    /// Numbers in another base or with an exponent, such as `1e3`.
    private static func isNumberLike(_ string: String) -> Bool {
        string.utf8.allSatisfy { Set("0123456789eE+-._".utf8).contains($0) }
    }

    /// A colon is plain only between two characters that cannot make it a key, as in `nginx:1.27`.
    private static func isImageOrPorts(_ string: String) -> Bool {
        let allowed = Set(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@".utf8)
        guard string.utf8.allSatisfy(allowed.contains), !string.hasSuffix(":") else { return false }
        return string.utf8.first.map { $0 > UInt8(ascii: "9") } ?? false
    }

    private static func quoted(_ string: String) -> String {
        var quoted = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            default: quoted += isPrintable(scalar) ? String(scalar) : escape(scalar)
            }
        }
        return quoted + "\""
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        let width = scalar.value > 0xFFFF ? 8 : 4
        return (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.count)
            + digits
    }

    /// Characters that YAML allows as they are and that break no line.
    /// - Source: YAML 1.2.2, section 5.1; YAML 1.1 counts U+0085, U+2028 and U+2029 as line breaks.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x1_0000...0x10_FFFF:
            true
        default: false
        }
    }

    /// A literal block, or `nil` where only quotes keep every character.
    private static func block(_ string: String, indent: Int) -> String? {
        let keepsCharacters = string.unicodeScalars.allSatisfy { $0 == "\n" || isPrintable($0) }
        var lines = string.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard keepsCharacters, let first = lines.first, !first.isEmpty, !first.hasPrefix(" ") else {
            return nil
        }
        var chomping = "-"
        if lines.last == "" {
            lines.removeLast()
            chomping = ""
            // More than one line end at the end would need the third chomping mode; quotes say it
            // plainly.
            if lines.last == "" { return nil }
        }
        guard lines.allSatisfy({ $0.isEmpty || $0.contains { $0 != " " } }) else { return nil }
        let margin = String(repeating: " ", count: indent)
        let body = lines.map { $0.isEmpty ? "\n" : "\(margin)\($0)\n" }.joined()
        return "|\(chomping)\n\(body)"
    }
}
