/// How the messages of one direction of a call may be compressed; each message says whether it is.
package enum MessageEncoding: String, Hashable, Sendable {
    case identity
    case gzip

    /// The value of `grpc-accept-encoding`.
    static let accepted = "identity,gzip"
}
