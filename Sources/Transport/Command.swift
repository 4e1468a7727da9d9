import RPC

/// What tasks ask of a connection; carried out in order on its event loop.
enum Command: Sendable {
    /// Client: begin a call, with its first message and `isLast` when no other follows.
    case open(CallPipe, RequestHead, first: [UInt8]?, isLast: Bool)
    case send(CallPipe, [UInt8])
    case sendCompressed(CallPipe, [UInt8])
    /// Server: begin the answer, with metadata.
    case begin(CallPipe, Metadata, MessageEncoding)
    /// Server: add to what accompanies the status.
    case trailers(CallPipe, Metadata)
    /// Client: no message follows.
    case halfClose(CallPipe)
    /// Server: the handler's answer. Client: the call is abandoned.
    case end(CallPipe, RPCStatus)
    case credit(CallPipe, Int)
    /// Let the open calls finish, take no more, then close.
    case shutDown
    /// End all calls and close, for a reason that whoever waits for the connection reads.
    case close(String)
}
