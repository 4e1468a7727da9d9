import ClusterModel
import Wire

/// Every message of the protocol: what decodes, encodes to bytes that decode to the same value.
package enum MessageTarget {
    /// One type of message.
    package struct Kind: Sendable {
        /// The message's name in the proto files.
        package let name: String

        /// Decodes, encodes and decodes again; false when the bytes are not such a message.
        package let check: @Sendable (_ bytes: [UInt8]) -> Bool

        init<Message: WireMessage & Equatable>(_ name: String, _: Message.Type) {
            self.name = name
            check = { bytes in
                guard let value = try? Message(decoding: bytes) else { return false }
                let encoded = value.encoded()
                do {
                    let again = try Message(decoding: encoded)
                    promise(again == value, "\(name): \(value) came back as \(again)")
                    promise(again.encoded() == encoded, "\(name): \(value) has two forms")
                } catch {
                    broken("\(name): \(value) does not come back: \(error)")
                }
                return true
            }
        }
    }

    /// The first byte picks the type, the others are the message.
    static func run(_ bytes: [UInt8]) {
        var input = FuzzInput(bytes)
        let kind = kinds[Int(input.byte()) % kinds.count]
        _ = kind.check(input.remainder())
    }
}
