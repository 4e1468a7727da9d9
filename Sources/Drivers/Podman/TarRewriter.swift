import Ports

/// Changes an archive of tar as it flows by: entries are passed on, left out or replaced.
///
/// Pieces go in cut anywhere, and come out as far as they are decided. Only what is to be replaced
/// is held, and the headers before an entry's own.
/// - Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar, "Basic
///   Tar Format".
struct TarRewriter {
    /// What becomes of an entry.
    enum Verdict: Hashable, Sendable { case pass, drop, replace }

    private let judge: (String) -> Verdict
    private let replacement: ([UInt8]) throws(DriverFailure) -> [UInt8]
    private var pending: [UInt8] = []
    private var state = State.header
    /// Headers that extend the entry to come, and the name that they give it.
    private var extensions: [UInt8] = []
    private var extendedName: String?

    /// Names that were replaced, in their order.
    private(set) var replaced: [String] = []
    /// Whether the archive's end has been seen.
    var isComplete: Bool { state == .end }

    private enum State: Hashable {
        case header
        /// So many bytes of an entry, padding included, are passed on or dropped.
        case body(left: UInt64, passes: Bool)
        /// Content of an entry that is to be replaced, or of a header that extends the next entry.
        case collecting(Header, isExtension: Bool)
        case end
    }

    static let block = 512
    /// Content that is held whole; Podman's own descriptions of a container are some 50 KiB.
    static let held: UInt64 = 4 << 20

    init(
        judging judge: @escaping (String) -> Verdict,
        replacing replacement: @escaping ([UInt8]) throws(DriverFailure) -> [UInt8] = { $0 }
    ) {
        self.judge = judge
        self.replacement = replacement
    }

    /// Takes the next piece; returns what is decided.
    mutating func append(_ bytes: [UInt8]) throws(DriverFailure) -> [UInt8] {
        pending += bytes
        var output: [UInt8] = []
        var start = 0
        defer { pending.removeFirst(start) }
        while true {
            let available = pending.count - start
            switch state {
            case .end:
                output += pending[start...]
                start = pending.count
                return output
            case .header:
                guard available >= Self.block else { return output }
                let block = Array(pending[start..<(start + Self.block)])
                start += Self.block
                try begin(block, &output)
            case .body(let left, let passes):
                let count = Int(min(left, UInt64(available)))
                if passes { output += pending[start..<(start + count)] }
                start += count
                state =
                    left == UInt64(count)
                    ? .header : .body(left: left - UInt64(count), passes: passes)
                if state != .header { return output }
            case .collecting(let header, let isExtension):
                let length = Int(header.paddedSize)
                guard available >= length else { return output }
                let body = Array(pending[start..<(start + length)])
                start += length
                state = .header
                if isExtension {
                    try extend(header, body)
                } else {
                    try replace(header, Array(body.prefix(Int(header.size))), &output)
                }
            }
        }
    }

    private mutating func begin(_ block: [UInt8], _ output: inout [UInt8]) throws(DriverFailure) {
        if block.allSatisfy({ $0 == 0 }) {
            output += block
            state = .end
            return
        }
        guard let header = Header(block) else { throw Self.broken("a header that is none") }
        if header.extendsNext {
            try requireHeld(header)
            // Each may be short, and there may be any number of them.
            guard UInt64(extensions.count) + header.paddedSize <= Self.held else {
                throw Self.broken("headers without an entry, of more than \(Self.held) bytes")
            }
            extensions += block
            state = .collecting(header, isExtension: true)
            return
        }
        let name = extendedName ?? header.name
        let verdict = judge(String(name.trimmingPrefix("./")))
        switch verdict {
        case .pass, .drop:
            if verdict == .pass { output += extensions + block }
            state =
                header.paddedSize == 0
                ? .header : .body(left: header.paddedSize, passes: verdict == .pass)
            extensions = []
            extendedName = nil
        case .replace:
            try requireHeld(header)
            state = .collecting(header, isExtension: false)
        }
    }

    private func requireHeld(_ header: Header) throws(DriverFailure) {
        guard header.size <= Self.held else {
            throw Self.broken("\(header.name) of \(header.size) bytes")
        }
    }

    private mutating func extend(_ header: Header, _ body: [UInt8]) throws(DriverFailure) {
        extensions += body
        let content = body.prefix(Int(header.size))
        switch header.type {
        case UInt8(ascii: "L"):
            extendedName = String(decoding: content.prefix { $0 != 0 }, as: UTF8.self)
        case UInt8(ascii: "x"):
            if let path = Self.path(in: content) { extendedName = path }
        default: break
        }
    }

    private mutating func replace(
        _ header: Header, _ content: [UInt8], _ output: inout [UInt8]
    ) throws(DriverFailure) {
        let next = try replacement(content)
        let padding = (Self.block - next.count % Self.block) % Self.block
        output += extensions + header.resized(to: next.count) + next
        output += [UInt8](repeating: 0, count: padding)
        replaced.append(header.name)
        extensions = []
        extendedName = nil
    }

    /// The path in records of `LENGTH KEY=VALUE\n`.
    private static func path(in records: ArraySlice<UInt8>) -> String? {
        var rest = records
        while let blank = rest.firstIndex(of: UInt8(ascii: " ")),
            let length = Int(String(decoding: rest[..<blank], as: UTF8.self)),
            length > 0, length <= rest.count
        {
            let record = rest.prefix(length)
            let pair = String(decoding: record[(blank + 1)...].dropLast(), as: UTF8.self)
            if pair.hasPrefix("path=") { return String(pair.dropFirst(5)) }
            rest = rest.dropFirst(length)
        }
        return nil
    }

    static func broken(_ what: String) -> DriverFailure {
        DriverFailure(.refused, "the archive of a checkpoint cannot be understood", cause: what)
    }
}

extension TarRewriter {
    /// One header block.
    fileprivate struct Header: Hashable {
        let bytes: [UInt8]
        let name: String
        let size: UInt64
        let type: UInt8

        /// `nil` when the checksum is wrong or the size is no number.
        init?(_ block: [UInt8]) {
            guard Self.octal(block[148..<156]) == Self.checksum(block),
                let size = Self.number(block[124..<136])
            else { return nil }
            bytes = block
            self.size = size
            type = block[156]
            let prefix = Self.text(block[345..<500])
            let base = Self.text(block[0..<100])
            // GNU's own format has other things where POSIX has the prefix.
            let isPosix = Array(block[257..<263]) == Array("ustar\0".utf8)
            name = isPosix && !prefix.isEmpty ? "\(prefix)/\(base)" : base
        }

        var paddedSize: UInt64 {
            (size + UInt64(TarRewriter.block - 1)) & ~UInt64(TarRewriter.block - 1)
        }

        /// Whether it says more about the entry that follows, or about all that follow.
        var extendsNext: Bool { "xgLK".utf8.contains(type) }

        func resized(to count: Int) -> [UInt8] {
            var next = bytes
            next.replaceSubrange(124..<136, with: Self.digits(UInt64(count), 11) + [0])
            let sum = Self.checksum(next)
            next.replaceSubrange(148..<156, with: Self.digits(sum, 6) + [0, UInt8(ascii: " ")])
            return next
        }

        private static func text(_ field: ArraySlice<UInt8>) -> String {
            String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
        }

        /// Octal digits, or for what is too large for them 95 bits after a first one that is set.
        private static func number(_ field: ArraySlice<UInt8>) -> UInt64? {
            guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
            guard first == 0x80, field.dropFirst().prefix(3).allSatisfy({ $0 == 0 }) else {
                return nil
            }
            let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return value < 1 << 62 ? value : nil
        }

        private static func octal(_ field: ArraySlice<UInt8>) -> UInt64? {
            let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != 0x20 }
            return digits.isEmpty ? 0 : UInt64(String(decoding: digits, as: UTF8.self), radix: 8)
        }

        private static func digits(_ value: UInt64, _ width: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: max(0, width - text.count)) + text).utf8)
        }

        /// The sum of all bytes, with blanks where the sum itself stands.
        private static func checksum(_ block: [UInt8]) -> UInt64 {
            block.enumerated().reduce(0) { sum, item in
                sum + UInt64((148..<156).contains(item.offset) ? 0x20 : item.element)
            }
        }
    }
}
