/// What a peer sees of the server.
enum Sight: Hashable, Sendable {
    case frame(RawFrame)
    /// The connection is closed, in order or by a reset.
    case closed
}

/// What a case accepts as the server's answer.
enum Answer: Hashable, Sendable {
    /// The server's preface: its first frame is SETTINGS.
    case preface
    /// The request is answered on this stream.
    case headers(UInt32)
    /// The answer is complete.
    case endOfStream(UInt32)
    /// A DATA frame, of this length if it matters.
    case data(length: Int?)
    case settingsAcknowledged
    case pong([UInt8])
    /// The ping is answered or, as the specification leaves open, the connection closed.
    case pongOrClosed([UInt8])
    /// GOAWAY with one of the codes, and then the connection is closed.
    case connectionError([ErrorCode])
    /// RST_STREAM with one of the codes, on this stream if it matters; or more strictly, a connection
    /// error with one of them.
    case streamError(UInt32?, [ErrorCode])
    case reset(UInt32, ErrorCode)
    case closed

    static func connectionError(_ codes: ErrorCode...) -> Self { .connectionError(codes) }

    static func streamError(_ codes: ErrorCode...) -> Self { .streamError(1, codes) }

    /// How far what was seen, latest last, answers.
    enum Verdict: Hashable, Sendable {
        case given
        case awaited
        case wrong
    }

    func verdict(on seen: [Sight]) -> Verdict {
        guard let last = seen.last else { return .awaited }
        return switch last {
        case .closed: verdictOnClosing(Array(seen.dropLast()))
        case .frame(let frame): verdict(on: frame, isFirst: seen.count == 1)
        }
    }

    private func verdictOnClosing(_ before: [Sight]) -> Verdict {
        switch self {
        case .closed, .pongOrClosed: .given
        case .connectionError(let codes), .streamError(_, let codes):
            before.contains { $0.isGoAway(codes) } ? .given : .wrong
        default: .wrong
        }
    }

    private func verdict(on frame: RawFrame, isFirst: Bool) -> Verdict {
        if frame.type == RawFrame.Kind.goAway { return verdict(onGoAway: frame) }
        if frame.type == RawFrame.Kind.reset { return verdict(onReset: frame) }
        let isAcknowledgement = frame.has(RawFrame.Flag.acknowledgement)
        switch self {
        case .preface:
            let isPreface = frame.type == RawFrame.Kind.settings && !isAcknowledgement && isFirst
            return isPreface ? .given : .wrong
        case .headers(let stream) where frame.type == RawFrame.Kind.headers:
            return frame.stream == stream ? .given : .wrong
        case .endOfStream(let stream):
            let ends =
                [RawFrame.Kind.headers, RawFrame.Kind.data].contains(frame.type)
                && frame.has(RawFrame.Flag.endStream) && frame.stream == stream
            return ends ? .given : .awaited
        case .data(let length) where frame.type == RawFrame.Kind.data:
            return length == nil || frame.payload.count == length ? .given : .wrong
        case .settingsAcknowledged where frame.type == RawFrame.Kind.settings:
            return isAcknowledgement && frame.payload.isEmpty ? .given : .wrong
        case .pong(let payload) where frame.type == RawFrame.Kind.ping,
            .pongOrClosed(let payload) where frame.type == RawFrame.Kind.ping:
            return isAcknowledgement && frame.payload == payload ? .given : .wrong
        default: return .awaited
        }
    }

    private func verdict(onGoAway frame: RawFrame) -> Verdict {
        switch self {
        case .connectionError(let codes), .streamError(_, let codes):
            // The connection has yet to be closed.
            frame.errorCode.map(codes.contains) == true ? .awaited : .wrong
        case .closed, .pongOrClosed: .awaited
        default: .wrong
        }
    }

    private func verdict(onReset frame: RawFrame) -> Verdict {
        switch self {
        case .streamError(let stream, let codes):
            (stream ?? frame.stream) == frame.stream
                && frame.errorCode.map(codes.contains) == true ? .given : .wrong
        case .reset(let stream, let code):
            frame.stream == stream && frame.errorCode == code ? .given : .wrong
        // Of streams that the case has left behind.
        case .closed, .connectionError, .pong, .pongOrClosed: .awaited
        default: .wrong
        }
    }
}

extension Sight {
    fileprivate func isGoAway(_ codes: [ErrorCode]) -> Bool {
        guard case .frame(let frame) = self, frame.type == RawFrame.Kind.goAway else {
            return false
        }
        return frame.errorCode.map(codes.contains) == true
    }
}

extension Sight: CustomStringConvertible {
    var description: String {
        switch self {
        case .closed: "closed"
        case .frame(let frame):
            "type \(frame.type) flags \(frame.flags) stream \(frame.stream)"
                + " length \(frame.payload.count)"
                + (frame.errorCode.map { " code \($0)" } ?? "")
        }
    }
}
