package import ClusterModel

/// A value that has a form in `huddle.v1`.
package protocol WireMessage: Sendable {
    /// Reads a message; every rule of the value holds afterwards.
    init(decoding bytes: [UInt8]) throws(WireFault)

    /// The bytes of this value, which `init(decoding:)` reads back to an equal one.
    func encoded() -> [UInt8]
}

/// Why bytes are not a message.
package enum WireFault: Error, Hashable, Sendable {
    /// They are not in the format of protobuf, or text in them is not UTF-8.
    case malformed
    /// The message, or what it unpacks to, has more bytes than `Limits` grants.
    case tooLarge
    /// A field is repeated more often than `Limits` grants.
    case tooMany(field: String)
    /// They are a message, and a value in it breaks a rule.
    case invalid(InvalidValue)
}
