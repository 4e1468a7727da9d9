/// The bodies being sent, by stream.
struct OutboundBodies {
    private var index = StreamIndex()
    private var bodies: [OutboundBody?] = []

    /// Bytes that wait, over all streams.
    private(set) var queued = 0

    /// The body of a stream; setting `nil` forgets it.
    subscript(stream: Int32) -> OutboundBody? {
        get { index.slot(of: stream).flatMap { bodies[$0] } }
        _modify {
            if let slot = index.slot(of: stream) {
                let before = bodies[slot]?.queued ?? 0
                // In place, so that what it queues is not copied.
                yield &bodies[slot]
                queued += (bodies[slot]?.queued ?? 0) - before
                if bodies[slot] == nil { _ = index.remove(stream) }
            } else {
                var body: OutboundBody?
                yield &body
                if let body { insert(body, for: stream) }
            }
        }
    }

    /// Streams whose output waits for too long, when a tick has passed.
    mutating func stalled(isShut: (Int32) -> Bool) -> [Int32] {
        var stalled: [Int32] = []
        for place in bodies.indices {
            guard let stream = bodies[place]?.stream else { continue }
            if bodies[place]?.isStalled(isShut: isShut(stream)) == true { stalled.append(stream) }
        }
        return stalled
    }

    private mutating func insert(_ body: OutboundBody, for stream: Int32) {
        let slot = index.insert(stream)
        if slot == bodies.count { bodies.append(body) } else { bodies[slot] = body }
    }
}
