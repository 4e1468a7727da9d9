/// How a message's bytes are encoded on the wire; we read both and write only `identity`.
enum MessageEncoding: String, Hashable, Sendable {
    case identity
    case gzip

    /// The value of `grpc-accept-encoding`.
    static let accepted = "identity,gzip"
}
