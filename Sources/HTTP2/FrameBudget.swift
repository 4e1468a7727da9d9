/// What a client may still send that carries nothing: a bucket which every frame without a request's or a message's bytes
/// takes from, and which useful work and time fill again.
///
/// One bucket for all kinds of flood: acknowledgements, empty frames, priorities, windows opened byte by byte, frames of
/// unknown types, resets that we are made to send. Each is cheap for its sender, allowed by the protocol, and work for us.
/// - Source: CVE-2019-9511 to -9518, CVE-2025-8671; the size and the rate are those of libnghttp2 1.66's `glitch` limit.
struct FrameBudget: Hashable {
    private var left = Limits.idleFrames

    /// What the peer may answer to what it was sent, on top: it reads that later, and then answers all at once.
    private var answers = 0

    /// More has come than the bound allows.
    var isSpent: Bool { left < 0 }

    mutating func spend(_ frames: Int) {
        let answered = min(frames, answers)
        answers -= answered
        left -= frames - answered
    }

    /// The peer did something useful.
    mutating func earn(_ frames: Int) { left = min(left + frames, Limits.idleFrames) }

    /// The peer was sent something that it answers with such frames.
    mutating func expect(_ frames: Int) {
        answers = min(answers + frames, Limits.idleAnswers)
    }

    /// Takes for a frame of the client's what it costs; a request fills up instead.
    mutating func take(_ head: FrameScanner.Head, opensStream: Bool) {
        switch head.type {
        case FrameType.data:
            let ends = head.flags & FrameType.endStream != 0
            let isPadded = head.flags & FrameType.padded != 0
            // With padding the length says nothing: up to 256 octets of it may be padding.
            let carries = isPadded ? head.length > 256 : head.length >= Limits.smallestMessage
            if !carries, !ends { spend(1) }
            // A message is cut where frames end, and its last piece may be of a few octets.
            if head.length >= Limits.dribbleBytes { earn(1) }
        case FrameType.headers where opensStream: earn(Limits.idleFramesPerCall)
        case FrameType.settings: spend(Limits.settingsCost)
        // What nobody reads costs by the KiB, too.
        default: spend(1 + head.length >> 10)
        }
    }
}

/// Types and flags of frames, as numbers.
/// - Source: RFC 9113, section 6.
enum FrameType {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let settings: UInt8 = 4

    static let endStream: UInt8 = 0x1
    static let padded: UInt8 = 0x8
}
