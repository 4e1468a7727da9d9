/// What an operator calls a host or an instance: names with a value each, in the order of the names.
package struct Labels: Hashable, Sendable {
    /// Pairs in ascending order of their names, each name once.
    package let pairs: [Label]

    package static let none = Labels([])

    /// Later values win over earlier ones of the same name.
    package init(_ pairs: [Label]) {
        var values: [String: String] = [:]
        for pair in pairs { values[pair.name] = pair.value }
        self.pairs = values.sorted { $0.key < $1.key }.map { Label(name: $0.key, value: $0.value) }
    }

    package subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// Whether every pair of `selector` is here with the same value; the empty selector matches nothing.
    package func matches(_ selector: Labels) -> Bool {
        !selector.pairs.isEmpty && selector.pairs.allSatisfy { self[$0.name] == $0.value }
    }
}

/// One name with its value.
package struct Label: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension Labels: CustomStringConvertible {
    package var description: String {
        pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
    }
}
