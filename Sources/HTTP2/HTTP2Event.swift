/// What a session saw, in the order of the bytes.
package enum HTTP2Event: Hashable, Sendable {
    /// A whole header block: request, response (also 1xx) or trailers.
    case headers(stream: Int32, [HTTP2Header], endStream: Bool)

    /// A header block above `Limits.headerListBytes`; its fields were dropped.
    case headersTooLarge(stream: Int32)

    /// Bytes of a body; they hold the stream's window until `credit(_:on:)`.
    case data(stream: Int32, [UInt8])

    /// The peer will send no more on the stream.
    case endStream(stream: Int32)

    /// The stream is gone, from either side; nothing follows for it.
    case closed(stream: Int32, HTTP2ErrorCode)

    /// Bytes of our body that have left the queue for the wire.
    case drained(stream: Int32, Int)

    /// The peer's SETTINGS arrived: it speaks HTTP/2.
    case settings

    /// The peer answered our ping with the number it carried.
    case pong(UInt64)

    /// The peer takes no stream above `lastStream`.
    case goAway(lastStream: Int32, HTTP2ErrorCode)

    /// The stream that it is about; `nil` when it is about the connection.
    package var stream: Int32? {
        switch self {
        case .headers(let stream, _, _), .headersTooLarge(let stream), .data(let stream, _),
            .endStream(let stream), .closed(let stream, _), .drained(let stream, _):
            stream
        case .settings, .pong, .goAway: nil
        }
    }
}
