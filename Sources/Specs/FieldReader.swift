import ClusterModel

/// One field of a file: its path as a user writes it, its place and its value.
struct Field {
    let path: String
    let place: SpecProblem.Place
    let value: YAMLValue

    /// The elements of a list, each with its index in its path; `nil` when this is no list.
    var elements: [Field]? {
        guard case .list(let values) = value.content else { return nil }
        return values.enumerated().map { index, value in
            Field(path: "\(path)[\(index)]", place: value.place, value: value)
        }
    }

    var text: String? {
        guard case .text(let text) = value.content else { return nil }
        return text
    }
}

/// A mapping that is being read; what nobody took is an unknown key.
struct FieldMap {
    let path: String
    let place: SpecProblem.Place
    private var entries: [YAMLValue.Entry]
    private var asked: [String] = []

    init(path: String, place: SpecProblem.Place, entries: [YAMLValue.Entry]) {
        self.path = path
        self.place = place
        self.entries = entries
    }

    /// Removes and gives the field `key`; the order of calls is the order of the keys in
    /// suggestions.
    mutating func take(_ key: String) -> Field? {
        asked.append(key)
        guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
        return field(entries.remove(at: index))
    }

    /// Removes and gives everything left.
    mutating func takeRest() -> [(key: String, field: Field)] {
        defer { entries = [] }
        return entries.map { ($0.key, field($0)) }
    }

    /// Fields that nobody asked for, with the keys that somebody did.
    var unknown: [(key: String, field: Field)] { entries.map { ($0.key, field($0)) } }
    var known: [String] { asked }

    func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    private func field(_ entry: YAMLValue.Entry) -> Field {
        Field(path: path(of: entry.key), place: entry.place, value: entry.value)
    }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// Reads fields and keeps every problem, so that one run names them all.
struct FieldReader {
    let file: String
    private(set) var problems: [SpecProblem] = []
    /// Where each field read so far stands, for problems that only the model finds.
    private var places: [String: SpecProblem.Place] = [:]

    init(file: String) { self.file = file }

    mutating func refuse(_ field: Field, _ problem: String, _ suggestion: String? = nil) {
        refuse(at: field.value.place, field.path, problem, suggestion)
    }

    mutating func refuse(
        at place: SpecProblem.Place, _ path: String, _ problem: String, _ suggestion: String? = nil
    ) {
        guard problems.count < SpecLimits.problems else { return }
        problems.append(
            SpecProblem(
                file: file, place: place, field: path, problem: problem, suggestion: suggestion))
    }

    /// Maps a rule of the model back to where its field, or the nearest field around it, was
    /// written.
    mutating func refuse(_ invalid: InvalidValue, within root: SpecProblem.Place) {
        refuse(
            at: place(of: invalid.field) ?? root, invalid.field, invalid.problem, invalid.suggestion
        )
    }

    /// Fields that one rule of the model speaks of under the name of the first.
    private static let together = [
        "command": ["command", "env", "check"], "disks": ["disks", "cloudInit"],
    ]

    private func place(of path: String) -> SpecProblem.Place? {
        for candidate in Self.together[path] ?? [path] {
            if let place = places[candidate] { return place }
        }
        guard let dot = path.lastIndex(of: ".") else { return nil }
        return place(of: String(path[..<dot]))
    }

    mutating func mapping(_ field: Field) -> FieldMap? {
        note(field)
        guard case .mapping(let entries) = field.value.content else {
            refuse(
                field, "has to be a mapping, not \(field.value.kindInWords)", "write {key: value}")
            return nil
        }
        return FieldMap(path: field.path, place: field.place, entries: entries)
    }

    /// Reports what was not taken from `map`.
    mutating func finish(_ map: FieldMap) {
        for (key, field) in map.unknown {
            let advice =
                key == "<<"
                ? "merge keys are not read; write the fields out"
                : Spelling.advice(for: key, among: map.known)
            refuse(at: field.place, field.path, "unknown key '\(key)'", advice)
        }
    }

    mutating func list(_ field: Field) -> [Field]? {
        note(field)
        guard let elements = field.elements else {
            let advice = field.text.map { "write [\($0)]" } ?? "write [a, b]"
            refuse(field, "has to be a list, not \(field.value.kindInWords)", advice)
            return nil
        }
        return elements
    }

    mutating func text(_ field: Field) -> String? {
        note(field)
        guard let text = field.text else {
            refuse(field, "has to be a single value, not \(field.value.kindInWords)")
            return nil
        }
        return text
    }

    /// Text that is not empty.
    mutating func word(_ field: Field) -> String? {
        guard let text = text(field) else { return nil }
        guard !text.isEmpty else {
            refuse(field, "is empty")
            return nil
        }
        return text
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ field: Field, of: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let text = word(field) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        refuse(field, "'\(text)' is not known here", Spelling.advice(for: text, among: words))
        return nil
    }

    /// `true` or `false` and no other of YAML's words for them.
    mutating func flag(_ field: Field) -> Bool? {
        guard let text = word(field) else { return nil }
        if let flag = Bool(text) { return flag }
        refuse(field, "'\(text)' is neither true nor false")
        return nil
    }

    mutating func integer(_ field: Field, in range: ClosedRange<Int>) -> Int? {
        guard let text = word(field) else { return nil }
        guard let number = Int(text) else {
            refuse(field, "'\(text)' is not a whole number")
            return nil
        }
        guard range.contains(number) else {
            refuse(field, "\(number) is outside \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func port(_ field: Field) -> UInt16? {
        integer(field, in: 1...65_535).flatMap { UInt16(exactly: $0) }
    }

    /// Reads a quantity by its own notation.
    mutating func quantity<Quantity>(
        _ field: Field, _ read: (String) throws(NotationFailure) -> Quantity
    ) -> Quantity? {
        guard let text = word(field) else { return nil }
        do {
            return try read(text)
        } catch {
            refuse(field, error.problem, error.suggestion)
            return nil
        }
    }

    mutating func labels(_ field: Field) -> Labels {
        guard var map = mapping(field) else { return .none }
        var pairs: [Label] = []
        for (key, field) in map.takeRest() {
            if key.isEmpty { refuse(at: field.place, field.path, "a label needs a name") }
            if let value = text(field) { pairs.append(Label(name: key, value: value)) }
        }
        return Labels(pairs)
    }

    mutating func missing(_ key: String, of map: FieldMap, _ suggestion: String? = nil) {
        refuse(at: map.place, map.path(of: key), "is missing", suggestion)
    }

    private mutating func note(_ field: Field) { places[field.path] = field.value.place }
}
