extension TarRewriter {
    /// A symbolic link as an entry of an archive, to be put in front of others.
    ///
    /// Where it leads stands in a pax header, which has room for any path.
    static func link(_ name: String, to target: String) -> [UInt8] {
        let record = record(of: "linkpath", target)
        let padding = [UInt8](repeating: 0, count: (block - record.count % block) % block)
        return header(
            of: "pax/\(name)", type: UInt8(ascii: "x"), mode: 0o600, size: UInt64(record.count))
            + record + padding
            + header(of: name, type: UInt8(ascii: "2"), mode: 0o777, size: 0)
    }

    /// A file with its content, as an entry to be put in front of others.
    static func file(_ name: String, holding content: [UInt8]) -> [UInt8] {
        let size = UInt64(content.count)
        return file(name, of: size) + content + TreeArchive.padding(after: size)
    }

    /// What stands before the content of a file of this size.
    static func file(_ name: String, of size: UInt64) -> [UInt8] {
        header(of: name, type: UInt8(ascii: "0"), mode: 0o600, size: size)
    }

    /// `LENGTH KEY=VALUE\n`, where the length counts its own digits too.
    private static func record(of key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count
        while "\(length)".utf8.count + rest.utf8.count != length {
            length = "\(length)".utf8.count + rest.utf8.count
        }
        return Array("\(length)\(rest)".utf8)
    }

    private static func header(of name: String, type: UInt8, mode: Int, size: UInt64) -> [UInt8] {
        precondition(name.utf8.count <= 100, "\(name) is too long for a header")
        var bytes = [UInt8](repeating: 0, count: block)
        func put(_ text: String, at start: Int) {
            bytes.replaceSubrange(start..<(start + text.utf8.count), with: text.utf8)
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(name, at: 0)
        put(octal(mode, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        if size < 1 << 33 {
            put(octal(Int(size), 11), at: 124)
        } else {
            // - Source: GNU tar, "Basic Tar Format": base 256, where the first bit is set.
            let number = (0..<8).map { UInt8(truncatingIfNeeded: size >> UInt64(56 - 8 * $0)) }
            bytes.replaceSubrange(124..<136, with: [0x80, 0, 0, 0] + number)
        }
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        bytes[156] = type
        put("ustar", at: 257)
        put("00", at: 263)
        // The sum is made with blanks where it will stand itself.
        put(octal(bytes.reduce(0) { $0 + Int($1) }, 6) + "\0 ", at: 148)
        return bytes
    }
}
