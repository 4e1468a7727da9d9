import Crypto

/// What an operator carries to a new host: where the coordinator is, how to know it, and a secret.
///
/// Text: `huddle1.` and, in base64url, fingerprint (32 bytes) · secret (32) · id (8) · number of
/// addresses (1) · each address with its length (1) before it · the first four bytes of the SHA-256
/// of all before. The checksum finds a slip of the clipboard at once; it is no protection, the
/// secret is.
package struct JoinToken: Hashable, Sendable {
    /// Where the coordinator listens, each `host:port`, in the order to try them.
    package let addresses: [String]
    /// The only authority that the agent may show its secret to.
    package let authority: Fingerprint
    /// Which stored token it is: 16 hexadecimal digits; no secret.
    package var id: String { Hexadecimal.text(of: idBytes) }
    /// What proves the right to join; 32 bytes.
    package let secret: [UInt8]

    /// What starts every token of this version.
    package static let prefix = "huddle1"
    /// Length of the secret in bytes.
    package static let secretLength = 32

    private let idBytes: [UInt8]

    static let idLength = 8
    static let checksumLength = 4

    /// A new token.
    /// - Parameter generator: of cryptographic quality everywhere but in tests: it makes the
    ///   secret.
    package static func make(
        addresses: [String], authority: Fingerprint,
        using generator: inout some RandomNumberGenerator
    ) throws(TokenFault) -> JoinToken {
        try check(addresses)
        return JoinToken(
            addresses: addresses, authority: authority,
            id: randomBytes(idLength, using: &generator),
            secret: randomBytes(secretLength, using: &generator))
    }

    /// Reads the text form; blanks and line ends around it are forgiven, nothing else is.
    package init(parsing text: String) throws(TokenFault) {
        let parts = try Self.payload(of: text)
        var reader = parts[...]
        guard let fingerprint = Fingerprint(bytes: try Self.take(Fingerprint.length, of: &reader))
        else {
            throw .cutShort
        }
        authority = fingerprint
        secret = try Self.take(Self.secretLength, of: &reader)
        idBytes = try Self.take(Self.idLength, of: &reader)
        let count = Int(try Self.take(1, of: &reader)[0])
        guard count <= IdentityLimits.addresses else { throw .tooManyAddresses(count) }
        var addresses: [String] = []
        for _ in 0..<count {
            let length = Int(try Self.take(1, of: &reader)[0])
            addresses.append(
                String(decoding: try Self.take(length, of: &reader), as: UTF8.self))
        }
        guard reader.isEmpty else { throw .surplus(bytes: reader.count) }
        try Self.check(addresses)
        self.addresses = addresses
    }

    private init(addresses: [String], authority: Fingerprint, id: [UInt8], secret: [UInt8]) {
        self.addresses = addresses
        self.authority = authority
        idBytes = id
        self.secret = secret
    }

    /// The text form, secret included.
    package var text: String {
        var payload = authority.bytes + secret + idBytes
        payload.append(UInt8(addresses.count))
        for address in addresses {
            payload.append(UInt8(address.utf8.count))
            payload += Array(address.utf8)
        }
        payload += Self.checksum(of: payload)
        return "\(Self.prefix).\(Base64URL.encoded(payload))"
    }

    /// The payload behind prefix and checksum.
    private static func payload(of text: String) throws(TokenFault) -> [UInt8] {
        guard text.utf8.count <= IdentityLimits.tokenBytes else {
            throw .tooLong(bytes: text.utf8.count)
        }
        let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        let trimmed = text.utf8.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }
        let bytes = Array(trimmed.reversed())
        guard let dot = bytes.firstIndex(of: UInt8(ascii: ".")) else { throw .notToken }
        let found = String(decoding: bytes[..<dot], as: UTF8.self)
        guard found == prefix else {
            let isOther = found.hasPrefix("huddle") && UInt(found.dropFirst(6)) != nil
            throw isOther ? .version(found: found, known: prefix) : .notToken
        }
        guard let payload = Base64URL.decoded(bytes[(dot + 1)...]) else {
            throw bytes[(dot + 1)...].allSatisfy(Base64URL.has) ? .checksum : .badCharacters
        }
        guard payload.count > checksumLength else { throw .cutShort }
        let body = Array(payload.dropLast(checksumLength))
        guard checksum(of: body) == Array(payload.suffix(checksumLength)) else {
            throw .checksum
        }
        return body
    }

    private static func take(
        _ count: Int, of reader: inout ArraySlice<UInt8>
    ) throws(TokenFault) -> [UInt8] {
        guard reader.count >= count else { throw .cutShort }
        defer { reader = reader.dropFirst(count) }
        return Array(reader.prefix(count))
    }

    private static func checksum(of payload: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: payload).prefix(checksumLength))
    }

    /// Refuses what nobody could dial: none, too many, or not `host:port`.
    private static func check(_ addresses: [String]) throws(TokenFault) {
        guard !addresses.isEmpty else { throw .noAddress }
        guard addresses.count <= IdentityLimits.addresses else {
            throw .tooManyAddresses(addresses.count)
        }
        for address in addresses {
            let isPrintable = address.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            guard isPrintable, address.utf8.count <= IdentityLimits.addressBytes,
                let colon = address.lastIndex(of: ":"), colon != address.startIndex,
                let port = UInt16(address[address.index(after: colon)...]), port > 0
            else { throw .badAddress(address) }
        }
    }
}

extension JoinToken: CustomStringConvertible, CustomDebugStringConvertible {
    /// The token without its secret, for logs.
    package var description: String { "token \(id) for \(addresses.joined(separator: ", "))" }

    /// The same, so that a debugger's or test's output has no secret either.
    package var debugDescription: String { description }
}

/// Why a text is not a join token.
package enum TokenFault: Error, Hashable, Sendable {
    /// It does not start as tokens do.
    case notToken
    /// A token of another version of Huddle.
    case version(found: String, known: String)
    case tooLong(bytes: Int)
    /// A character after the prefix that base64url does not have.
    case badCharacters
    case cutShort
    case surplus(bytes: Int)
    /// Some character was lost or changed.
    case checksum
    case noAddress
    case tooManyAddresses(Int)
    case badAddress(String)
}

extension TokenFault: CustomStringConvertible {
    /// The fault as an operator reads it, without a final full stop.
    package var description: String {
        switch self {
        case .notToken: "this is not a join token; one starts with “\(JoinToken.prefix).”"
        case .version(let found, let known):
            "the token is of version \(found), this Huddle reads \(known)"
        case .tooLong(let bytes):
            "\(bytes) bytes are too long for a token, \(IdentityLimits.tokenBytes) are the most"
        case .badCharacters: "the token has characters that tokens do not have"
        case .cutShort: "the token is cut short"
        case .surplus(let bytes): "the token has \(bytes) bytes too many"
        case .checksum: "the token was mistyped or only partly copied"
        case .noAddress: "the token names no coordinator"
        case .tooManyAddresses(let count):
            "\(count) addresses in a token, at most \(IdentityLimits.addresses) are accepted"
        case .badAddress(let address): "“\(address)” is not an address such as 10.0.0.5:7443"
        }
    }
}
