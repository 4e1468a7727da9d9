/// The bodies being sent, by stream.
struct OutboundBodies {
    private var index = StreamIndex()
    private var bodies: [OutboundBody?] = []

    /// The body of a stream; setting `nil` forgets it.
    subscript(stream: Int32) -> OutboundBody? {
        get { index.slot(of: stream).flatMap { bodies[$0] } }
        _modify {
            if let slot = index.slot(of: stream) {
                // In place, so that what it queues is not copied.
                yield &bodies[slot]
                if bodies[slot] == nil { _ = index.remove(stream) }
            } else {
                var body: OutboundBody?
                yield &body
                if let body { insert(body, for: stream) }
            }
        }
    }

    private mutating func insert(_ body: OutboundBody, for stream: Int32) {
        let slot = index.insert(stream)
        if slot == bodies.count { bodies.append(body) } else { bodies[slot] = body }
    }
}
