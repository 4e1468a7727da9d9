import CProtobufC
import ClusterModel

/// A pointer to the elements of a repeated field.
typealias RawList<Element> = UnsafeMutablePointer<UnsafeMutablePointer<Element>?>

extension InvalidValue {
    static func missing(_ field: String) -> InvalidValue { InvalidValue(field, "is missing") }

    /// UNSPECIFIED, or a value that this program does not know.
    static func unknown<Raw: RawRepresentable>(
        _ raw: Raw, _ field: String
    ) -> InvalidValue where Raw.RawValue == UInt32 {
        raw.rawValue == 0
            ? .missing(field)
            : InvalidValue(field, "\(raw.rawValue) is not a value of this field")
    }

    /// The same fault, seen from the message that has this value at `place`.
    func inside(_ place: String) -> InvalidValue {
        InvalidValue("\(place).\(field)", problem, suggestion: suggestion)
    }
}

/// The text of a C string; none is empty text.
func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
}

/// The text of a repeated string field.
func texts(_ list: RawList<CChar>?, _ count: Int) -> [String] {
    UnsafeMutableBufferPointer(start: list, count: count).map { text($0) }
}

/// The content of a bytes field.
func octets(_ data: ProtobufCBinaryData) -> [UInt8] {
    Array(UnsafeMutableBufferPointer(start: data.data, count: data.len))
}

/// The elements of a repeated field of numbers or enums.
func numbers<Number>(_ list: UnsafeMutablePointer<Number>?, _ count: Int) -> [Number] {
    Array(UnsafeMutableBufferPointer(start: list, count: count))
}

/// The elements of a repeated field of enums, each of which has to be known.
func enums<Value: WireEnum>(
    _ list: UnsafeMutablePointer<Value.Raw>?, _ count: Int, _ field: String
) throws(InvalidValue) -> [Value] {
    var values: [Value] = []
    for (index, raw) in numbers(list, count).enumerated() {
        values.append(try Value(raw, "\(field)[\(index)]"))
    }
    return values
}

/// Text that means nothing when it is empty.
func unlessEmpty(_ text: String) -> String? { text.isEmpty ? nil : text }

/// The message of a field that has to be set; faults in it are named from `field` on.
func required<Value: WireValue>(
    _ pointer: UnsafeMutablePointer<Value.Raw>?, _ field: String
) throws(InvalidValue) -> Value {
    guard let value: Value = try optional(pointer, field) else { throw .missing(field) }
    return value
}

/// The message of a field that may be unset; faults in it are named from `field` on.
func optional<Value: WireValue>(
    _ pointer: UnsafeMutablePointer<Value.Raw>?, _ field: String
) throws(InvalidValue) -> Value? {
    guard let pointer else { return nil }
    do {
        return try Value(raw: pointer.pointee)
    } catch {
        throw error.inside(field)
    }
}

/// The message of a field that may be unset; faults in it say themselves where they are.
func optional<Value: WireValue>(
    _ pointer: UnsafeMutablePointer<Value.Raw>?
) throws(InvalidValue) -> Value? {
    guard let pointer else { return nil }
    return try Value(raw: pointer.pointee)
}

/// The messages of a repeated field; faults in them say themselves where they are.
func messages<Value: WireValue>(
    _ list: RawList<Value.Raw>?, _ count: Int
) throws(InvalidValue) -> [Value] {
    var values: [Value] = []
    for pointer in UnsafeMutableBufferPointer(start: list, count: count) {
        if let value: Value = try optional(pointer) { values.append(value) }
    }
    return values
}

/// The messages of a repeated field; faults are named by the element's index.
func messages<Value: WireValue>(
    _ list: RawList<Value.Raw>?, _ count: Int, _ field: String
) throws(InvalidValue) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    for (index, pointer) in UnsafeMutableBufferPointer(start: list, count: count).enumerated() {
        values.append(try required(pointer, "\(field)[\(index)]"))
    }
    return values
}

/// The names of a repeated field.
func ids<Entity>(
    _ list: RawList<CChar>?, _ count: Int, _ field: String
) throws(InvalidValue) -> [ID<Entity>] {
    var ids: [ID<Entity>] = []
    for (index, pointer) in UnsafeMutableBufferPointer(start: list, count: count).enumerated() {
        ids.append(try ID(pointer, "\(field)[\(index)]"))
    }
    return ids
}

extension ID {
    /// Reads a name that has to be set.
    init(_ pointer: UnsafeMutablePointer<CChar>?, _ field: String) throws(InvalidValue) {
        guard let id = try Self.optional(pointer, field) else { throw .missing(field) }
        self = id
    }

    /// Reads a name; empty text is `nil`.
    static func optional(
        _ pointer: UnsafeMutablePointer<CChar>?, _ field: String
    ) throws(InvalidValue) -> Self? {
        let name = text(pointer)
        guard name.utf8.count <= Limits.nameBytes else {
            throw InvalidValue(field, "is longer than \(Limits.nameBytes) bytes")
        }
        return name.isEmpty ? nil : Self(name)
    }
}

extension Instant {
    init(_ milliseconds: Int64, _ field: String) throws(InvalidValue) {
        guard milliseconds.magnitude <= Limits.milliseconds.magnitude else {
            throw InvalidValue(field, "\(milliseconds) is no time that can be counted with")
        }
        self.init(milliseconds: milliseconds)
    }

    /// Milliseconds within what reading takes.
    var wire: Int64 { min(max(milliseconds, -Limits.milliseconds), Limits.milliseconds) }
}

extension Duration {
    init(_ milliseconds: UInt64, _ field: String) throws(InvalidValue) {
        guard milliseconds <= Limits.milliseconds.magnitude else {
            throw InvalidValue(field, "\(milliseconds) is no duration that can be counted with")
        }
        self = .milliseconds(milliseconds)
    }

    /// Whole milliseconds within what reading takes; none for a negative duration.
    var wire: UInt64 { min(UInt64(clamping: milliseconds), Limits.milliseconds.magnitude) }
}

extension Revision {
    init(_ number: UInt64, _ field: String) throws(InvalidValue) {
        self.init(try checked(number, field))
    }
}

extension Generation {
    init(_ number: UInt64, _ field: String) throws(InvalidValue) {
        self.init(try checked(number, field))
    }
}

/// A number that still has a next one.
private func checked(_ number: UInt64, _ field: String) throws(InvalidValue) -> UInt64 {
    guard number <= Limits.largestNumber else {
        throw InvalidValue(field, "\(number) is no number that can be counted on from")
    }
    return number
}

extension UInt16 {
    /// Reads the number of a port.
    init(port: UInt32, _ field: String) throws(InvalidValue) {
        guard let number = UInt16(exactly: port) else {
            throw InvalidValue(field, "\(port) is outside 0 to \(UInt16.max)")
        }
        self = number
    }
}

extension Bool {
    var wire: protobuf_c_boolean { self ? 1 : 0 }
}

extension Labels {
    /// Reads pairs in any order; the last of the same name wins.
    init(_ list: RawList<Label.Raw>?, _ count: Int, _ field: String) throws(InvalidValue) {
        self.init(try messages(list, count, field))
    }
}
