/// One end of a gRPC connection without its socket: bytes and commands in, bytes and events out.
///
/// Commands about a call that is over are ignored: the caller cannot know yet.
package protocol ConnectionEngine: ~Copyable, SendableMetatype {
    /// Calls under way.
    var openCalls: Int { get }

    /// True when the connection has nothing left to say and should be closed.
    var isFinished: Bool { get }

    /// True when `drain` may have something to hand over.
    var hasOutput: Bool { get }

    /// Bytes of messages that wait to be sent, over all calls.
    var queuedBytes: Int { get }

    /// Calls that the peer reset in what was last received.
    var resets: Int { get }

    /// Which header block of the connection the peer is in the middle of.
    var openHeaderBlock: Int? { get }

    /// The error that one side has told the other in a GOAWAY, for people; `nil` when there is none.
    var complaint: String? { get }

    /// Parses what the peer sent; throwing means that the connection must be closed.
    mutating func receive(_ bytes: RawSpan) throws(RPCStatus)

    /// Hands frames to the sink, about `limit` bytes at most; returns how many. The sink copies.
    mutating func drain(limit: Int, into sink: (RawSpan) -> Void) throws(RPCStatus) -> Int

    /// What happened since the last call.
    mutating func takeEvents() -> [CallEvent]

    /// Queues a message.
    mutating func send(_ message: [UInt8], on call: CallID)

    /// Queues a message that `Gzip` has compressed, on a call whose encoding that is.
    mutating func sendCompressed(_ message: [UInt8], on call: CallID)

    /// Ends the call from our side: a server answers with `status`, a client abandons it.
    mutating func end(_ call: CallID, with status: RPCStatus)

    /// Ends the call because its deadline has passed.
    mutating func expire(_ call: CallID, with status: RPCStatus)

    /// Lets the peer send `bytes` more on the call.
    mutating func credit(_ bytes: Int, on call: CallID)

    /// Asks the peer for a sign of life.
    mutating func ping()

    /// A tick of `Limits.tick` has passed: ends what a peer has kept waiting for too long.
    ///
    /// - Parameter readersMayPause: output may wait for its reader for as long as that likes: someone who pages through a
    ///   log, or a disk that is busy for a minute.
    mutating func tick(readersMayPause: Bool)

    /// Takes no new calls and lets the open ones finish.
    mutating func shutDown()
}
