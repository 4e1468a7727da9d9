import HTTP2

/// How long the peers of a server may take: the deadlines of ``HTTP2/Limits``, or all of them that much shorter, so that a
/// test need not wait as long as a slow peer may.
package struct Deadlines: Sendable {
    package static let standard = Deadlines(dividedBy: 1)

    private let divisor: Int

    package init(dividedBy divisor: Int) {
        precondition(divisor > 0, "deadlines divided by \(divisor)")
        self.divisor = divisor
    }

    var tick: Duration { Limits.tick / divisor }
    var handshake: Duration { Limits.handshake / divisor }
    var headerBlock: Duration { Limits.headerBlock / divisor }
}
