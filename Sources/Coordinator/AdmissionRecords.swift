import ClusterModel
import Identity
import Ports

// Tokens and certificates in the store: short lines of text, because no message of huddle.v1 carries them.

extension StoredToken {
    init?(_ entry: StoreEntry) {
        guard entry.key.hasPrefix(RecordKeys.tokenPrefix), let value = entry.value else {
            return nil
        }
        let words = String(decoding: value, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 3, let expiry = Int64(words[1]),
            let hash = [UInt8](hexadecimal: words[0])
        else { return nil }
        self.init(
            id: String(entry.key.dropFirst(RecordKeys.tokenPrefix.count)), secretHash: hash,
            expiresAt: Instant(milliseconds: expiry),
            redeemedFor: words[2] == "-" ? nil : [UInt8](hexadecimal: words[2]))
    }

    var change: StoreChange {
        let redeemed = redeemedFor.map(\.hexadecimal) ?? "-"
        let line = "\(secretHash.hexadecimal) \(expiresAt.milliseconds) \(redeemed)"
        return .put(key: RecordKeys.tokenPrefix + id, value: Array(line.utf8))
    }
}

extension RevocationList.Entry {
    /// A certificate that was handed out, and to whom.
    static func certificate(_ entry: StoreEntry) -> (HostID, Self)? {
        guard entry.key.hasPrefix(RecordKeys.certificatePrefix) else { return nil }
        let parts = entry.key.split(separator: "/").map(String.init)
        guard parts.count == 3, let certificate = Self(serial: parts[2], end: entry.value) else {
            return nil
        }
        return (HostID(parts[1]), certificate)
    }

    static func revoked(_ entry: StoreEntry) -> Self? {
        guard entry.key.hasPrefix(RecordKeys.revokedPrefix) else { return nil }
        return Self(
            serial: String(entry.key.dropFirst(RecordKeys.revokedPrefix.count)), end: entry.value)
    }

    func change(of host: HostID) -> StoreChange { .put(key: key(of: host), value: end) }

    func forgetting(_ host: HostID) -> StoreChange { .delete(key: key(of: host)) }

    var revocation: StoreChange { .put(key: RecordKeys.revokedPrefix + "\(serial)", value: end) }

    /// Takes the revocation back, once the certificate has expired.
    var pardon: StoreChange { .delete(key: RecordKeys.revokedPrefix + "\(serial)") }

    private init?(serial text: String, end: [UInt8]?) {
        guard let serial = SerialNumber(hexadecimal: text), let end,
            let milliseconds = Int64(String(decoding: end, as: UTF8.self))
        else { return nil }
        self.init(serial: serial, notAfter: Instant(milliseconds: milliseconds))
    }

    private func key(of host: HostID) -> String {
        "\(RecordKeys.certificatePrefix)\(host)/\(serial)"
    }

    private var end: [UInt8] { Array(String(notAfter.milliseconds).utf8) }
}

extension [UInt8] {
    var hexadecimal: String {
        map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }

    init?(hexadecimal text: String) {
        let digits = Array<UInt8>(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard
                let byte = UInt8(
                    String(decoding: digits[start..<start + 2], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        self = bytes
    }
}
