import Glibc

/// The text of one of the kernel's files, read from left to right.
///
/// It looks at bytes with the C library only: a loop over bytes costs fifty times as much in a
/// debug build, and the agent reads some hundred files a second. It cannot be copied, so that it
/// cannot outlive its buffer.
package struct KernelText: ~Copyable {
    /// Where reading goes on; the text ends at the first zero byte.
    private var position: UnsafePointer<CChar>
    private let start: UnsafePointer<CChar>

    init(_ start: UnsafePointer<CChar>) {
        self.start = start
        position = start
    }

    /// The number that comes next in this line, or `nil`, also for a negative one; saturates.
    package mutating func number() -> UInt64? {
        skipBlanks()
        guard isdigit(Int32(position.pointee)) != 0 else { return nil }
        var end: UnsafeMutablePointer<CChar>?
        let value = strtoull(position, &end, 10)
        if let end { position = UnsafePointer(end) }
        return UInt64(value)
    }

    /// The word that comes next in this line: everything up to a blank.
    package mutating func word() -> String? {
        skipBlanks()
        let length = strcspn(position, " \t\n")
        guard length > 0 else { return nil }
        defer { position += length }
        return String(
            decoding: UnsafeRawBufferPointer(start: position, count: length), as: UTF8.self)
    }

    /// Everything up to `terminator` in this line, which is passed over; `nil` when it is not
    /// there.
    package mutating func part(before terminator: Character) -> String? {
        skipBlanks()
        let length = strcspn(position, "\(terminator)\n")
        guard position[length] != 0, position[length] != CChar(bitPattern: 10) else { return nil }
        defer { position += length + 1 }
        return String(
            decoding: UnsafeRawBufferPointer(start: position, count: length), as: UTF8.self)
    }

    /// Passes over `count` words.
    package mutating func skip(words count: Int) {
        for _ in 0..<count {
            skipBlanks()
            position += strcspn(position, " \t\n")
        }
    }

    /// Passes over `literal` when it comes next.
    package mutating func skip(_ literal: String) -> Bool {
        let length = literal.utf8.count
        guard strncmp(position, literal, length) == 0 else { return false }
        position += length
        return true
    }

    /// Passes over everything up to the end of the next `literal` in this text.
    package mutating func skip(past literal: String) -> Bool {
        guard let found = strstr(position, literal) else { return false }
        position = UnsafePointer(found) + literal.utf8.count
        return true
    }

    /// Passes over everything up to the end of the last `literal` in this text.
    package mutating func skip(pastLast literal: String) -> Bool {
        var found = false
        while skip(past: literal) { found = true }
        return found
    }

    /// Goes to the next line; false when there is none.
    package mutating func nextLine() -> Bool {
        guard let end = strchr(position, 10) else { return false }
        position = UnsafePointer(end) + 1
        return position.pointee != 0
    }

    /// The number after `key` at the start of a line, as in `usage_usec 12` and `MemTotal: 12 kB`.
    package func value(of key: String) -> UInt64? {
        let length = key.utf8.count
        var from = start
        while let found = strstr(from, key) {
            let after = UnsafePointer(found) + length
            let startsLine = found == start || found[-1] == 10
            // A key may be the beginning of another: `file` of `file_mapped`.
            if startsLine, strspn(after, " \t:") > 0 {
                var rest = KernelText(after + strspn(after, ":"))
                return rest.number()
            }
            from = after
        }
        return nil
    }

    private mutating func skipBlanks() { position += strspn(position, " \t") }
}
