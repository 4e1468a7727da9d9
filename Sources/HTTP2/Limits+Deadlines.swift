/// How long a peer may take.
extension Limits {
    /// The step in which a connection's time is counted, so that an idle one costs one timer. What is counted in it ends
    /// up to a tick early, never late.
    package static let tick = Duration.seconds(4)

    /// The ticks that have to pass without what is waited for: the wait began at some time before the first of them.
    package static func ticks(within deadline: Duration) -> Int {
        max(1, Int(deadline / tick) - 1)
    }

    /// From the accepted socket to the peer's SETTINGS, TLS included.
    package static let handshake = Duration.seconds(10)

    /// From the first frame of a header block to its last.
    package static let headerBlock = Duration.seconds(10)

    /// How long output of a stream may wait for its client's window, and the rest of a message for its client: a stream on
    /// which no more than a few bytes move meanwhile is reset. A stream that says nothing is not stalled.
    /// Output to those who have shown a certificate may wait longer, as long as the process has little of it waiting in all:
    /// they read logs in a pager, and write files to busy disks.
    package static let stalledStream = Duration.seconds(60)

    /// Silence after which we ask for a sign of life.
    package static let quiet = Duration.seconds(12)

    /// Silence after which the peer counts as gone: the answer to our ping took 8 s or never came.
    package static let silence = Duration.seconds(20)

    /// How long a peer may take nothing of what a full socket holds for it.
    package static let unread = Duration.seconds(20)

    /// How long a peer that has shown no certificate may have no call.
    package static let idleStranger = Duration.seconds(300)

    /// How long we wait for the peer's farewell when closing TLS.
    package static let farewell = Duration.seconds(2)

    /// The longest deadline of a call that is kept as such, ten years; beyond it the clock's arithmetic overflows.
    package static let longestCall = Duration.seconds(315_360_000)
}
