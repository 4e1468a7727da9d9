/// Happenings in the order of their time; of two at the same moment the one planned first comes first.
package struct Agenda<Happening: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: Int64
        let number: UInt64
        let happening: Happening

        func isBefore(_ other: Entry) -> Bool {
            at == other.at ? number < other.number : at < other.at
        }
    }

    private var heap: [Entry] = []
    private var lastNumber: UInt64 = 0

    package init() {}

    package mutating func add(_ happening: Happening, at moment: Int64) {
        lastNumber += 1
        heap.append(Entry(at: moment, number: lastNumber, happening: happening))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    package mutating func next() -> (at: Int64, Happening)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (first.at, first.happening) }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != parent else { return (first.at, first.happening) }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
