/// The part "http2", sections 3 to 5: the connection's start, frames in general, streams.
extension ConformanceCase {
    static let streams: [Self] =
        starting + frames + idle + halfClosed + closedByReset + closedByEnd + identifiers
        + priorities + errors

    private static let block = [Field].request().block

    /// A request that is not answered, so that only the case moves its stream.
    private static let waiting = [Field].request(Responder.wait).block

    private static let starting = section(
        .http2, "3.5",
        Question(
            "the server's preface is its first frame", isGreeted: false,
            steps: [.send(RawPeer.preface), .frames(.settings()), .expect(.preface)]),
        Question(
            "an invalid preface ends the connection", isGreeted: false,
            steps: [.send(Array("INVALID CONNECTION PREFACE\r\n\r\n".utf8)), .expect(.closed)]))

    private static let frames =
        section(
            .http2, "4.1",
            Question(
                "a frame of unknown type is ignored",
                .unknown, .ping(), answer: .pong(RawFrame.zeros)),
            Question(
                "undefined flags are ignored",
                RawFrame(type: RawFrame.Kind.ping, flags: 0x16, payload: RawFrame.zeros),
                answer: .pong(RawFrame.zeros)),
            Question(
                "the reserved bit is ignored",
                RawFrame(
                    type: RawFrame.Kind.ping, flags: 0x16, stream: 0x8000_0000,
                    payload: RawFrame.zeros),
                answer: .pong(RawFrame.zeros)))
        + section(
            .http2, "4.2",
            Question(
                "DATA of 2^14 octets is taken",
                .headers(1, [Field].request(Responder.echo).block, end: false),
                .data(1, [0, 0, 0, 0x3f, 0xfb] + [UInt8](repeating: 0x78, count: 16_379)),
                answer: .headers(1)),
            Question(
                "DATA above the largest frame is an error",
                .headers(1, waiting, end: false),
                .data(1, [UInt8](repeating: 0x78, count: 16_385)),
                answer: .streamError(.frameSize)),
            Question(
                "HEADERS above the largest frame is an error of the connection",
                .headers(
                    1, ([Field].request() + [Field](repeating: .large, count: 5)).block),
                answer: .connectionError(.frameSize)))
        + section(
            .http2, "4.3",
            Question(
                "a header block that cannot be decoded",
                .headers(1, [0x40]), answer: .connectionError(.compression)),
            Question(
                "PRIORITY inside a header block",
                .headers(1, block, end: false, complete: false), .priority(1),
                .continuation(1, [Field.large].block), answer: .connectionError(.protocol)),
            Question(
                "another stream's HEADERS inside a header block",
                .headers(1, block, end: false, complete: false), .headers(3, block),
                .continuation(1, [Field.large].block), answer: .connectionError(.protocol)))

    private static let idle = section(
        .http2, "5.1",
        Question(
            "idle: DATA", .data(1), answer: .streamError(.protocol, .streamClosed)),
        Question("idle: RST_STREAM", .reset(1), answer: .connectionError(.protocol)),
        Question(
            "idle: WINDOW_UPDATE", .windowUpdate(1, by: 100), answer: .connectionError(.protocol)),
        Question("idle: CONTINUATION", .continuation(1, block), answer: .connectionError(.protocol))
    )

    private static let halfClosed = section(
        .http2, "5.1",
        Question(
            "half-closed: DATA", .headers(1, waiting), .data(1),
            answer: .streamError(.streamClosed)),
        Question(
            "half-closed: HEADERS", .headers(1, waiting), .headers(1, waiting),
            answer: .streamError(.streamClosed)),
        Question(
            "half-closed: CONTINUATION", .headers(1, waiting), .continuation(1, waiting),
            answer: .streamError(.streamClosed, .protocol)))

    private static let closedByReset = section(
        .http2, "5.1",
        Question(
            "closed by RST_STREAM: DATA",
            .headers(1, waiting, end: false), .reset(1), .data(1),
            answer: .streamError(.streamClosed)),
        Question(
            "closed by RST_STREAM: HEADERS",
            .headers(1, waiting, end: false), .reset(1), .headers(1, waiting),
            answer: .streamError(.streamClosed)),
        Question(
            "closed by RST_STREAM: CONTINUATION",
            .headers(1, waiting, end: false), .reset(1), .continuation(1, [Field.large].block),
            answer: .streamError(.streamClosed, .protocol)))

    private static let closedByEnd = section(
        .http2, "5.1",
        Question(
            "closed: DATA",
            steps: answered + [.frames(.data(1)), .expect(.streamError(.streamClosed))]),
        Question(
            "closed: HEADERS",
            steps: answered + [
                .frames(.headers(1, block)), .expect(.connectionError(.streamClosed)),
            ]),
        Question(
            "closed: CONTINUATION",
            steps: answered + [
                .frames(.continuation(1, [Field.large].block)),
                .expect(.connectionError(.streamClosed, .protocol)),
            ]))

    private static let answered: [Step] = [
        .frames(.headers(1, block)), .expect(.endOfStream(1)),
    ]

    private static let identifiers =
        section(
            .http2, "5.1.1",
            Question("an even number", .headers(2, block), answer: .connectionError(.protocol)),
            Question(
                "a number below an earlier one",
                .headers(5, waiting), .headers(3, waiting), answer: .connectionError(.protocol)))
        + section(
            .http2, "5.1.2",
            Question(
                "more streams than the server allows",
                steps: [
                    .exceedStreams, .expect(.streamError(nil, [.protocol, .refusedStream])),
                ]))

    private static let priorities = section(
        .http2, "5.3.1",
        Question(
            "HEADERS that depends on itself",
            RawFrame(
                type: RawFrame.Kind.headers,
                flags: RawFrame.Flag.priority | RawFrame.Flag.endHeaders | RawFrame.Flag.endStream,
                stream: 1,
                payload: RawFrame.dependency(on: 1, exclusive: false, weight: 255) + block),
            answer: .streamError(.protocol)),
        Question(
            "PRIORITY that depends on itself", .priority(1, on: 1),
            answer: .streamError(.protocol)))

    private static let misplacedPing = RawFrame(
        type: RawFrame.Kind.ping, stream: 3, payload: RawFrame.zeros)

    private static let errors =
        section(
            .http2, "5.4.1",
            Question(
                "the connection is closed after an error", misplacedPing, answer: .closed),
            Question(
                "GOAWAY names the error before that", misplacedPing,
                answer: .connectionError(.protocol)))
        + section(
            .http2, "5.5",
            Question(
                "an extension's frame is ignored",
                .unknown, .ping(), answer: .pong(RawFrame.zeros)),
            Question(
                "an extension's frame inside a header block",
                .headers(1, block, complete: false), .unknown,
                answer: .connectionError(.protocol)))
}
