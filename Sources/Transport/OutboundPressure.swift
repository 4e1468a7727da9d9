import HTTP2
import Synchronization

/// What waits for the network in the whole process, and what that allows.
enum OutboundPressure {
    /// Where output waits.
    enum Place: Sendable {
        /// In the calls of a connection.
        case calls
        /// In a socket that takes no more, the kernel's part of it included.
        case socket
    }

    private static let inCalls = Atomic(0)
    private static let inSockets = Atomic(0)

    /// A connection has so many more or, if negative, fewer bytes waiting there than it said before.
    static func change(_ place: Place, by bytes: Int) {
        switch place {
        case .calls: inCalls.add(bytes, ordering: .relaxed)
        case .socket: inSockets.add(bytes, ordering: .relaxed)
        }
    }

    /// There is room for readers that take their time.
    static var isPatient: Bool {
        let waiting = inCalls.load(ordering: .relaxed) + inSockets.load(ordering: .relaxed)
        return waiting < Limits.ampleOutboundBytes
    }

    /// Wire bytes that one call may have waiting. What is in sockets is bounded for each, so it does not count here.
    static var allowance: Int {
        inCalls.load(ordering: .relaxed) < Limits.ampleOutboundBytes
            ? Limits.queuedOutboundBytes : Limits.scarceOutboundBytes
    }
}

/// What one connection has told of its waiting bytes.
struct OutboundShare {
    private let place: OutboundPressure.Place
    private var told = 0

    init(of place: OutboundPressure.Place) { self.place = place }

    mutating func tell(_ bytes: Int) {
        guard bytes != told else { return }
        OutboundPressure.change(place, by: bytes - told)
        told = bytes
    }
}
