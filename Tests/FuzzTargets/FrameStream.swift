/// Looks at what a session sends: whole frames of legal size, nothing before or after them.
enum FrameStream {
    /// What a peer accepts that has not said otherwise.
    /// - Source: RFC 9113, 6.5.2, SETTINGS_MAX_FRAME_SIZE; the largest that it can be set to.
    private static let largestFrame = 1 << 24 - 1

    /// A client's first octets.
    /// - Source: RFC 9113, 3.4.
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private static let headBytes = 9

    /// An empty SETTINGS, and the acknowledgement of one.
    static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
    static let acknowledgement: [UInt8] = [0, 0, 0, 4, 1, 0, 0, 0, 0]

    /// Traps unless `bytes` are frames, after the preface if they begin with it.
    static func check(_ bytes: [UInt8]) {
        var offset = bytes.starts(with: preface) ? preface.count : 0
        while offset < bytes.count {
            promise(bytes.count - offset >= headBytes, "a frame's head is cut off")
            let length = bytes[offset..<offset + 3].reduce(0) { $0 << 8 | Int($1) }
            promise(length <= largestFrame, "a frame of \(length) octets")
            offset += headBytes + length
            promise(offset <= bytes.count, "a frame is cut off")
        }
    }
}
