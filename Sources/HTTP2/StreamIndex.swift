/// Gives each open stream a small number, its slot, so that whoever keeps something for it can use an array.
///
/// Cheaper than a dictionary, whose hash is made to resist peers that pick their keys. Here they may: a look-up that meets
/// nothing but collisions passes over as many entries as streams are open, which `Limits` bounds.
package struct StreamIndex {
    private struct Entry {
        /// Zero when the entry is free: no stream has that number.
        var stream: Int32 = 0
        var slot: Int32 = 0
    }

    /// A power of two of them, at most half of them taken.
    private var entries: [Entry] = []
    private var freeSlots: [Int32] = []

    /// Streams that have a slot.
    package private(set) var count = 0

    package init() {}

    /// The slot of a stream; `nil` when it has none.
    package func slot(of stream: Int32) -> Int? {
        guard let place = place(of: stream) else { return nil }
        return Int(entries[place].slot)
    }

    /// Gives a stream a slot: one that was given back, or the one after the highest.
    ///
    /// - Precondition: the stream has none.
    package mutating func insert(_ stream: Int32) -> Int {
        precondition(stream != 0 && place(of: stream) == nil, "stream \(stream) has a slot")
        if count * 2 >= entries.count { grow() }
        let slot = freeSlots.popLast() ?? Int32(count)
        put(Entry(stream: stream, slot: slot))
        count += 1
        return Int(slot)
    }

    /// Takes a stream's slot back; returns which it was.
    package mutating func remove(_ stream: Int32) -> Int? {
        guard let place = place(of: stream) else { return nil }
        let slot = entries[place].slot
        freeSlots.append(slot)
        vacate(place)
        count -= 1
        return Int(slot)
    }

    private func home(of stream: Int32) -> Int {
        // Multiplied, the numbers spread: side by side they would make one long run to search.
        Int(UInt32(bitPattern: stream) &* 0x9E37_79B1 >> 16) & (entries.count - 1)
    }

    private func place(of stream: Int32) -> Int? {
        guard count > 0 else { return nil }
        var place = home(of: stream)
        while entries[place].stream != 0 {
            if entries[place].stream == stream { return place }
            place = (place + 1) & (entries.count - 1)
        }
        return nil
    }

    private mutating func put(_ entry: Entry) {
        var place = home(of: entry.stream)
        while entries[place].stream != 0 { place = (place + 1) & (entries.count - 1) }
        entries[place] = entry
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Entry(), count: max(8, old.count * 2))
        for entry in old where entry.stream != 0 { put(entry) }
    }

    /// Frees an entry, and moves those that had to pass it over back towards their home.
    private mutating func vacate(_ place: Int) {
        let mask = entries.count - 1
        var hole = place
        var next = (hole + 1) & mask
        while entries[next].stream != 0 {
            let distance = (next - home(of: entries[next].stream)) & mask
            if distance >= (next - hole) & mask {
                entries[hole] = entries[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        entries[hole] = Entry()
    }
}
