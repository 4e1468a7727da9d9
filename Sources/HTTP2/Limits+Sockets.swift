/// The bounds of sockets, and of what waits between them and the tasks.
extension Limits {
    /// Connections a server holds: 10 000 agents, their operators, and half as much again.
    package static let connections = 16_384

    /// Connections past their handshake that wait for the server's task to take them.
    package static let acceptBacklog = 1_024

    /// Calls of one connection that wait for a task or run in one. Twice what a client may have open, because a handler
    /// whose call was reset may take its time to notice; so resets, whoever sends them, start no more work than that.
    /// - Source: CVE-2023-44487, CVE-2025-8671.
    package static let unfinishedCalls = 2 * concurrentStreams

    /// Wire bytes of one call that `send` lets wait for the network: one default stream window.
    package static let queuedOutboundBytes = 256 * 1_024

    /// Wire bytes of all calls of the process that wait for the network, above which each call may keep only
    /// `scarceOutboundBytes` waiting: 64 calls with all they may have. So many slow readers hold little more than few.
    package static let ampleOutboundBytes = 64 * queuedOutboundBytes

    /// What a call may have waiting when too much waits already: one frame. Nobody is kept from sending, bulk only sends
    /// less at a time.
    package static let scarceOutboundBytes = 16 * 1_024

    /// Times a server reads from one socket before the others of its loop have their turn. With NIO's four, an honest call
    /// waited behind 256 KiB of every flood: its 99th percentile beside 100 attackers was 9 to 24 ms, and is 6 with one.
    package static let readsPerTurn: UInt = 1

    /// Bytes that are read at a time from a peer that resets calls, for as long as it does: some 16 calls that come and go.
    /// With as much as others may send, an honest call waited behind 500 of each attacker's.
    /// - Source: CVE-2023-44487.
    package static let readBytesBesideResets = 1_024

    /// Bytes handed to the socket at a time.
    package static let flushBytes = 64 * 1_024

    /// Unsent bytes at which a socket stops and starts taking more.
    package static let socketHighWater = 256 * 1_024
    package static let socketLowWater = 128 * 1_024
}
