import HostIO

/// What stands in a tar archive beside the content of files.
///
/// Each entry has a pax header with all that the older one has no room for: names of any length and bytes, times to the
/// nanosecond, attributes.
/// - Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header".
enum TreeArchive {
    /// What stands before an entry's content.
    ///
    /// - Parameter other: the path of an entry before it that is the same file under another name; no content follows then.
    static func head(of entry: TreeEntry, sameAs other: [UInt8]? = nil) -> [UInt8] {
        var records = record("path", member(entry.path, entry.kind))
        records += record("mtime", Array(words(entry.modified).utf8))
        records += record("uid", Array("\(entry.user)".utf8))
        records += record("gid", Array("\(entry.group)".utf8))
        var type: UInt8
        switch entry.kind {
        case .file: type = UInt8(ascii: "0")
        case .link:
            type = UInt8(ascii: "2")
            records += record("linkpath", entry.destination)
        case .character: type = UInt8(ascii: "3")
        case .block: type = UInt8(ascii: "4")
        case .directory: type = UInt8(ascii: "5")
        case .fifo: type = UInt8(ascii: "6")
        }
        var size: UInt64 = 0
        if let other {
            type = UInt8(ascii: "1")
            records += record("linkpath", member(other, .file))
        } else if entry.kind == .file {
            size = entry.size
            records += record("size", Array("\(size)".utf8))
        }
        if other == nil {
            for attribute in entry.attributes {
                records += record(
                    Array("SCHILY.xattr.".utf8) + encoded(attribute.name), attribute.value)
            }
        }
        return header(UInt8(ascii: "x"), size: UInt64(records.count), mode: 0o600, .none)
            + records + padding(after: UInt64(records.count))
            + header(type, size: size, mode: entry.mode, entry.device)
    }

    /// What fills up the block after so many bytes of content.
    static func padding(after size: UInt64) -> [UInt8] {
        [UInt8](repeating: 0, count: Int((block - size % block) % block))
    }

    /// What ends an archive.
    static let end = [UInt8](repeating: 0, count: 2 * Int(block))

    private static let block: UInt64 = 512

    private static func member(_ path: [UInt8], _ kind: TreeEntry.Kind) -> [UInt8] {
        let path = Array("./".utf8) + path
        return kind == .directory && path.count > 2 ? path + Array("/".utf8) : path
    }

    /// A key ends at its first `=`.
    /// - Source: GNU tar 1.34, src/xheader.c, `xattr_encode_keyword`.
    private static func encoded(_ name: [UInt8]) -> [UInt8] {
        name.flatMap { byte in
            switch byte {
            case UInt8(ascii: "%"): Array("%25".utf8)
            case UInt8(ascii: "="): Array("%3D".utf8)
            default: [byte]
            }
        }
    }

    private static func words(_ time: TreeEntry.Time) -> String {
        let isBefore = time.seconds < 0 && time.nanoseconds > 0
        let seconds = isBefore ? time.seconds + 1 : time.seconds
        let nanoseconds = isBefore ? 1_000_000_000 - time.nanoseconds : time.nanoseconds
        let sign = isBefore && seconds == 0 ? "-" : ""
        let digits = String(nanoseconds)
        return sign + "\(seconds)." + String(repeating: "0", count: 9 - digits.count) + digits
    }

    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        record(Array(key.utf8), value)
    }

    /// Its length, which counts its own digits, then key and value.
    private static func record(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
        let rest = Array(" ".utf8) + key + Array("=".utf8) + value + Array("\n".utf8)
        var length = rest.count + 1
        while String(length).utf8.count + rest.count != length {
            length = String(length).utf8.count + rest.count
        }
        return Array(String(length).utf8) + rest
    }

    /// A block of the older format; what its fields have no room for stands in the pax header.
    private static func header(
        _ type: UInt8, size: UInt64, mode: UInt32, _ device: TreeEntry.Device?
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: Int(Self.block))
        func put(_ bytes: [UInt8], at offset: Int) {
            block.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
        func octal(_ value: UInt64, digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            guard text.utf8.count <= digits else { return [UInt8](repeating: 0x37, count: digits) }
            return Array((String(repeating: "0", count: digits - text.utf8.count) + text).utf8)
        }
        put(Array("entry".utf8), at: 0)
        put(octal(UInt64(mode), digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(octal(size, digits: 11), at: 124)
        put(octal(0, digits: 11), at: 136)
        put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
        block[156] = type
        put(Array("ustar\u{0}00".utf8), at: 257)
        put(octal(UInt64(device?.major ?? 0), digits: 7), at: 329)
        put(octal(UInt64(device?.minor ?? 0), digits: 7), at: 337)
        let sum = block.reduce(UInt64(0)) { $0 + UInt64($1) }
        put(octal(sum, digits: 6) + [0, UInt8(ascii: " ")], at: 148)
        return block
    }
}
