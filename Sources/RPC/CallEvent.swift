/// What a connection engine saw or did, in order.
package enum CallEvent: Hashable, Sendable {
    /// Server: a client began a call.
    case opened(CallID, RequestHead)

    /// A message, which its reader decodes.
    case message(CallID, ReceivedMessage)

    /// Client: what the server sent before its first message; not there when that is nothing.
    case metadata(CallID, Metadata)

    /// Client: what the server sent with its status, just before `ended`; not there when that is nothing.
    case trailers(CallID, Metadata)

    /// Wire bytes that arrived for the call, whether or not they completed a message.
    case received(CallID, Int)

    /// Server: the client will send no more messages.
    case halfClosed(CallID)

    /// Wire bytes of ours that have left the call's queue.
    case drained(CallID, Int)

    /// The call is over; nothing follows for it.
    ///
    /// Client: with the server's status. Server: with the reason the call was cut short; a call
    /// that its handler ended is not reported.
    case ended(CallID, RPCStatus)

    /// Server: something of the peer's was refused before or during a call, for counting.
    case refused(String)

    /// The peer's SETTINGS arrived; the connection can be used.
    case ready

    /// The peer answered a ping.
    case pong

    /// Client: the server takes no new calls on this connection.
    case goingAway
}
