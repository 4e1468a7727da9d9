import HTTP2
import Synchronization

/// What waits for the network in the whole process, and what a call may therefore have waiting.
enum OutboundPressure {
    private static let queued = Atomic(0)

    /// A connection has so many more or, if negative, fewer bytes waiting than it said before.
    static func change(by bytes: Int) { queued.add(bytes, ordering: .relaxed) }

    /// There is room for readers that take their time.
    static var isAmple: Bool { queued.load(ordering: .relaxed) < Limits.ampleOutboundBytes }

    /// Wire bytes that one call may have waiting.
    static var allowance: Int {
        isAmple ? Limits.queuedOutboundBytes : Limits.scarceOutboundBytes
    }
}

/// What one connection has told of its waiting bytes.
struct OutboundShare {
    private var told = 0

    mutating func tell(_ bytes: Int) {
        guard bytes != told else { return }
        OutboundPressure.change(by: bytes - told)
        told = bytes
    }
}
