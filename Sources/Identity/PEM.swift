import SwiftASN1

/// The text form of certificates and keys, as files hold them.
/// - Source: RFC 7468.
package enum PEM {
    /// What a PEM block contains.
    package enum Label: String, Hashable, Sendable {
        case certificate = "CERTIFICATE"
        case privateKey = "PRIVATE KEY"
        case certificateRequest = "CERTIFICATE REQUEST"
    }

    /// The text of one block, with a final newline.
    package static func encoded(_ der: [UInt8], as label: Label) -> [UInt8] {
        Array((PEMDocument(type: label.rawValue, derBytes: der).pemString + "\n").utf8)
    }

    /// The DER bytes of every block with `label`, in order; blocks of other kinds are passed over.
    ///
    /// A context file may thus hold certificate, key and authority together.
    package static func blocks(_ text: [UInt8], of label: Label) throws(IdentityRefusal)
        -> [[UInt8]]
    {
        let documents: [PEMDocument]
        do {
            documents = try PEMDocument.parseMultiple(
                pemString: String(decoding: text, as: UTF8.self))
        } catch {
            throw .unreadable("\(error)")
        }
        return documents.filter { $0.discriminator == label.rawValue }.map(\.derBytes)
    }

    /// The DER bytes of a file that is DER already or holds one block with `label`.
    ///
    /// DER starts with the byte of a sequence, 0x30, and PEM with a dash or with words.
    package static func der(_ bytes: [UInt8], of label: Label) throws(IdentityRefusal) -> [UInt8] {
        if bytes.first == 0x30 { return bytes }
        guard let block = try blocks(bytes, of: label).first else {
            throw .unreadable("there is no \(label.rawValue) block")
        }
        return block
    }
}
