/// What an engine keeps for its calls.
///
/// Not for other modules: a generic type is fast only where the compiler makes one for the very type of its values.
struct CallMap<Value> {
    private var index = CallIndex()
    private var values: [Value?] = []

    var count: Int { index.count }

    func contains(_ id: CallID) -> Bool { index.slot(of: id) != nil }

    /// The value of a call; setting `nil` forgets it.
    subscript(id: CallID) -> Value? {
        get { index.slot(of: id).flatMap { values[$0] } }
        _modify {
            if let slot = index.slot(of: id) {
                // In place, so that what it holds is not copied.
                yield &values[slot]
                if values[slot] == nil { _ = index.remove(id) }
            } else {
                var value: Value?
                yield &value
                if let value { insert(value, for: id) }
            }
        }
    }

    /// All values, in no order that means anything.
    var all: [Value] { values.compactMap(\.self) }

    /// Forgets a call; returns its value.
    mutating func removeValue(forKey id: CallID) -> Value? {
        guard let slot = index.remove(id) else { return nil }
        return values[slot].take()
    }

    private mutating func insert(_ value: Value, for id: CallID) {
        let slot = index.insert(id)
        if slot == values.count { values.append(value) } else { values[slot] = value }
    }
}
