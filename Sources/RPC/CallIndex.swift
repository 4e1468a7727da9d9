import HTTP2

/// Gives each open call a small number, its slot, as ``HTTP2/StreamIndex`` does for streams.
package struct CallIndex {
    private var streams = StreamIndex()

    package init() {}

    /// Calls that have a slot.
    package var count: Int { streams.count }

    /// The slot of a call; `nil` when it has none.
    package func slot(of id: CallID) -> Int? { streams.slot(of: id.stream) }

    /// Gives a call a slot: one that was given back, or the one after the highest.
    ///
    /// - Precondition: the call has none.
    package mutating func insert(_ id: CallID) -> Int { streams.insert(id.stream) }

    /// Takes a call's slot back; returns which it was.
    package mutating func remove(_ id: CallID) -> Int? { streams.remove(id.stream) }
}
