import Specs

/// A tree of data with its keys in the order given; what `-o json` and `-o yaml` print.
indirect enum StructuredValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case text(String)
    case list([StructuredValue])
    case object([Member])

    /// One key with its value.
    struct Member: Hashable, Sendable {
        let key: String
        let value: StructuredValue
    }

    static func integer(_ number: Int) -> StructuredValue { .integer(Int64(number)) }
}

extension StructuredValue: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral
{
    init(dictionaryLiteral elements: (String, StructuredValue)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }

    init(stringLiteral value: String) { self = .text(value) }

    init(arrayLiteral elements: StructuredValue...) { self = .list(elements) }

    /// The members of both objects, those of `other` last.
    func merging(_ other: StructuredValue) -> StructuredValue {
        guard case .object(let own) = self, case .object(let further) = other else { return self }
        return .object(own + further)
    }
}

extension StructuredValue {
    /// JSON on several lines, with a newline at its end.
    var json: String {
        var text = ""
        write(to: &text, indent: 0, compact: false)
        return text + "\n"
    }

    /// JSON on one line, with a newline at its end: one record of a stream.
    var jsonLine: String {
        var text = ""
        write(to: &text, indent: 0, compact: true)
        return text + "\n"
    }

    private func write(to text: inout String, indent: Int, compact: Bool) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += "\(value)"
        case .unsigned(let value): text += "\(value)"
        case .text(let value): text += Self.quoted(value)
        case .list(let values):
            Self.write(values.count, "[", "]", to: &text, indent: indent, compact: compact) {
                text, index in
                values[index].write(to: &text, indent: indent + 2, compact: compact)
            }
        case .object(let members):
            Self.write(members.count, "{", "}", to: &text, indent: indent, compact: compact) {
                text, index in
                text += Self.quoted(members[index].key) + ": "
                members[index].value.write(to: &text, indent: indent + 2, compact: compact)
            }
        }
    }

    private static func write(
        _ count: Int, _ open: String, _ close: String, to text: inout String, indent: Int,
        compact: Bool, _ element: (inout String, Int) -> Void
    ) {
        text += open
        for index in 0..<count {
            if index > 0 { text += compact ? ", " : "," }
            if !compact { text += "\n" + String(repeating: " ", count: indent + 2) }
            element(&text, index)
        }
        if count > 0, !compact { text += "\n" + String(repeating: " ", count: indent) }
        text += close
    }

    /// - Source: RFC 8259, section 7.
    private static func quoted(_ string: String) -> String {
        var quoted = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default:
                guard scalar.value < 0x20 || scalar.value == 0x7F else {
                    quoted.unicodeScalars.append(scalar)
                    continue
                }
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return quoted + "\""
    }
}

extension StructuredValue {
    /// YAML, with a newline at its end.
    var yaml: String {
        switch self {
        case .object(let members) where !members.isEmpty:
            return Self.lines(of: members).joined(separator: "\n") + "\n"
        case .list(let values) where !values.isEmpty:
            return Self.lines(of: values).joined(separator: "\n") + "\n"
        default: return flow + "\n"
        }
    }

    private var flow: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .unsigned(let value): "\(value)"
        case .text(let value): YAMLText.scalar(value)
        case .list(let values): YAMLText.flow(values.map(\.flow))
        case .object(let members): YAMLText.flow(members.map { ($0.key, $0.value.flow) })
        }
    }

    private static func lines(of members: [Member]) -> [String] {
        members.flatMap { member in
            let key = YAMLText.scalar(member.key) + ":"
            guard let below = member.value.linesBelow else {
                return ["\(key) \(member.value.flow)"]
            }
            return [key] + below.map { "  " + $0 }
        }
    }

    private static func lines(of values: [StructuredValue]) -> [String] {
        values.flatMap { value in
            guard let below = value.linesBelow, let first = below.first else {
                return ["- \(value.flow)"]
            }
            return ["- \(first)"] + below.dropFirst().map { "  " + $0 }
        }
    }

    /// The lines of a list or an object that has elements; `nil` for everything that fits behind
    /// its key.
    private var linesBelow: [String]? {
        switch self {
        case .list(let values) where !values.isEmpty: Self.lines(of: values)
        case .object(let members) where !members.isEmpty: Self.lines(of: members)
        default: nil
        }
    }
}
