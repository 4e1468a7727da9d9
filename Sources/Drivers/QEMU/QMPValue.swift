/// A value of QMP, written in code as a literal.
enum QMPValue: Hashable, Sendable {
    case text(String)
    case number(Int64)
    case flag(Bool)
    case list([QMPValue])
    case object([String: QMPValue])
}

extension QMPValue: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let values): try container.encode(values)
        case .object(let fields): try container.encode(fields)
        }
    }
}

extension QMPValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int64) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(arrayLiteral elements: QMPValue...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, QMPValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
