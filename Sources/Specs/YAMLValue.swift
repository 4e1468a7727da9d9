import Yams

/// A YAML value with its place; every scalar is the text that was written, whatever YAML 1.1 makes
/// of it.
struct YAMLValue {
    let place: SpecProblem.Place
    let content: Content

    indirect enum Content {
        case text(String)
        case list([YAMLValue])
        case mapping([Entry])
    }

    /// A key with its value, in the order of the file.
    struct Entry {
        let key: String
        let place: SpecProblem.Place
        let value: YAMLValue
    }

    /// What a person would call this value.
    var kindInWords: String {
        switch content {
        case .text: "a value"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// Turns Yams' nodes into our values within the limits, so that aliases cannot grow without end.
struct YAMLConversion {
    /// Lines before the document in its file.
    let lineOffset: Int
    private var values = 0

    init(lineOffset: Int) { self.lineOffset = lineOffset }

    /// What stopped a conversion.
    struct Failure: Error {
        let place: SpecProblem.Place
        let problem: String
        let suggestion: String?
    }

    mutating func convert(_ node: Node, depth: Int = 0) throws(Failure) -> YAMLValue {
        let place = place(of: node.mark)
        values += 1
        guard values <= SpecLimits.values else {
            throw Failure(
                place: place, problem: "the document has more than \(SpecLimits.values) values",
                suggestion: "aliases count as often as they are used")
        }
        guard depth < SpecLimits.depth else {
            throw Failure(
                place: place, problem: "nested more than \(SpecLimits.depth) levels deep",
                suggestion: nil)
        }
        switch node {
        case .scalar(let scalar):
            return YAMLValue(place: place, content: .text(scalar.string))
        case .sequence(let sequence):
            var list: [YAMLValue] = []
            for element in sequence { list.append(try convert(element, depth: depth + 1)) }
            return YAMLValue(place: place, content: .list(list))
        case .mapping(let mapping):
            var entries: [YAMLValue.Entry] = []
            for (key, value) in mapping {
                entries.append(try entry(key, value, depth: depth))
            }
            return YAMLValue(place: place, content: .mapping(entries))
        case .alias:
            throw Failure(
                place: place, problem: "an alias that stands for nothing", suggestion: nil)
        }
    }

    private mutating func entry(
        _ key: Node, _ value: Node, depth: Int
    ) throws(Failure) -> YAMLValue.Entry {
        guard case .scalar(let scalar) = key else {
            throw Failure(
                place: place(of: key.mark), problem: "a key has to be a word", suggestion: nil)
        }
        return YAMLValue.Entry(
            key: scalar.string, place: place(of: key.mark),
            value: try convert(value, depth: depth + 1))
    }

    private func place(of mark: Mark?) -> SpecProblem.Place {
        SpecProblem.Place(line: (mark?.line ?? 1) + lineOffset, column: mark?.column ?? 1)
    }
}
