/// What accompanies a call: an ordered list of named values, text or (`-bin`) bytes.
package struct Metadata: Hashable, Sendable {
    /// One value; the name is lower case.
    package struct Entry: Hashable, Sendable {
        package let name: String
        package let value: Value
    }

    /// Text for ordinary names, bytes for names that end in `-bin`.
    package enum Value: Hashable, Sendable {
        case text(String)
        case binary([UInt8])
    }

    /// In the order they were added or received.
    package private(set) var entries: [Entry] = []

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    /// Adds text.
    ///
    /// Spaces around it are left out: HTTP/2 has none there.
    ///
    /// - Precondition: `name` is a legal key that does not end in `-bin`, and `value` printable
    ///   ASCII. Text from people goes into the message, or into a `-bin` key as UTF-8.
    package mutating func add(_ name: String, _ value: String) {
        precondition(
            Self.isName(name) && !name.hasSuffix("-bin"), "not a text metadata key: \(name)")
        precondition(Self.isText(value), "metadata \(name) is not printable ASCII: \(value)")
        let trimmed = value.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        entries.append(Entry(name: name, value: .text(String(trimmed))))
    }

    /// Adds bytes.
    ///
    /// - Precondition: `name` is a legal key that ends in `-bin`.
    package mutating func add(_ name: String, _ value: [UInt8]) {
        precondition(
            Self.isName(name) && name.hasSuffix("-bin"), "not a binary metadata key: \(name)")
        entries.append(Entry(name: name, value: .binary(value)))
    }

    /// The first text under `name`.
    package func first(_ name: String) -> String? {
        for entry in entries where entry.name == name {
            if case .text(let text) = entry.value { return text }
        }
        return nil
    }

    /// The first bytes under `name`, which ends in `-bin`.
    package func firstBinary(_ name: String) -> [UInt8]? {
        for entry in entries where entry.name == name {
            if case .binary(let bytes) = entry.value { return bytes }
        }
        return nil
    }

    mutating func append(_ entry: Entry) { entries.append(entry) }

    /// Adds what a peer sent, or refuses it; `-bin` values may be several, separated by commas.
    mutating func receive(_ name: String, _ value: String) throws(RPCStatus) {
        // What HTTP allows and gRPC does not is no error, and could not be sent back: left out.
        // - Source: grpc/doc/PROTOCOL-HTTP2.md, "Requests", on ASCII-Value.
        guard Self.isName(name) else { return }
        guard name.hasSuffix("-bin") else {
            if Self.isText(value) { entries.append(Entry(name: name, value: .text(value))) }
            return
        }
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            guard let bytes = Base64.decode(part.drop { $0 == " " }) else {
                throw RPCStatus(.internal, "metadata \(name) is not base64")
            }
            entries.append(Entry(name: name, value: .binary(bytes)))
        }
    }

    /// - Source: grpc/doc/PROTOCOL-HTTP2.md: digits, lower case letters, `_`, `-`, `.`.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("grpc-")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
    }

    private static func isText(_ value: String) -> Bool {
        value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
