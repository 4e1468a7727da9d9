/// The part "http2", sections 6 and 7: each frame's own rules, and error codes.
extension ConformanceCase {
    static let frameTypes: [Self] =
        data + headers + priority + reset + settings + ping + goAway + windows + continuation
        + codes

    private static let block = [Field].request().block
    private static let waiting = [Field].request(Responder.wait).block

    private static let data = section(
        .http2, "6.1",
        Question("DATA without a stream", .data(0), answer: .connectionError(.protocol)),
        Question(
            "DATA on a stream that is neither open nor half-closed by the server",
            .headers(1, waiting), .data(1), answer: .streamError(.streamClosed)),
        Question(
            "DATA with more padding than payload",
            .headers(1, waiting, end: false), .padded(1, padding: 0, claimed: 10),
            answer: .connectionError(.protocol)))

    private static let headers = section(
        .http2, "6.2",
        Question(
            "HEADERS to be continued, then PRIORITY",
            .headers(1, block, end: false, complete: false), .priority(1),
            .continuation(1, [Field.large].block), answer: .connectionError(.protocol)),
        Question(
            "HEADERS to be continued, then HEADERS of another stream",
            .headers(1, block, end: false, complete: false), .headers(3, block),
            .continuation(1, [Field.large].block), answer: .connectionError(.protocol)),
        Question(
            "HEADERS without a stream", .headers(0, block), answer: .connectionError(.protocol)),
        Question(
            "HEADERS with more padding than payload",
            RawFrame(
                type: RawFrame.Kind.headers,
                flags: RawFrame.Flag.padded | RawFrame.Flag.endHeaders | RawFrame.Flag.endStream,
                stream: 1, payload: [UInt8(block.count + 1)] + block),
            answer: .streamError(.protocol)))

    private static let priority = section(
        .http2, "6.3",
        Question("PRIORITY without a stream", .priority(0), answer: .connectionError(.protocol)),
        Question(
            "PRIORITY of four octets",
            .headers(1, waiting),
            RawFrame(type: RawFrame.Kind.priority, stream: 1, payload: octets(0x8000_0001)),
            answer: .streamError(.frameSize)))

    private static let reset = section(
        .http2, "6.4",
        Question("RST_STREAM without a stream", .reset(0), answer: .connectionError(.protocol)),
        Question("RST_STREAM on an idle stream", .reset(1), answer: .connectionError(.protocol)),
        Question(
            "RST_STREAM of three octets",
            .headers(1, waiting),
            RawFrame(type: RawFrame.Kind.reset, stream: 1, payload: [0, 0, 0]),
            answer: .streamError(.frameSize)))

    private static let settings =
        section(
            .http2, "6.5",
            Question(
                "an acknowledgement with a payload",
                RawFrame(
                    type: RawFrame.Kind.settings, flags: RawFrame.Flag.acknowledgement,
                    payload: [0]),
                answer: .connectionError(.frameSize)),
            Question(
                "SETTINGS on a stream",
                RawFrame(
                    type: RawFrame.Kind.settings, stream: 1, payload: [0, 3, 0, 0, 0, 100]),
                answer: .connectionError(.protocol)),
            Question(
                "SETTINGS of three octets",
                RawFrame(type: RawFrame.Kind.settings, payload: [0, 3, 0]),
                answer: .connectionError(.protocol, .frameSize)))
        + section(
            .http2, "6.5.2",
            Question(
                "ENABLE_PUSH that is neither 0 nor 1",
                .settings((.enablePush, 2)), answer: .connectionError(.protocol)),
            Question(
                "INITIAL_WINDOW_SIZE above the largest window",
                .settings((.initialWindowSize, 0x8000_0000)),
                answer: .connectionError(.flowControl)),
            Question(
                "MAX_FRAME_SIZE below the least",
                .settings((.maxFrameSize, 16_383)), answer: .connectionError(.protocol)),
            Question(
                "MAX_FRAME_SIZE above the greatest",
                .settings((.maxFrameSize, 16_777_216)), answer: .connectionError(.protocol)),
            Question(
                "an unknown setting is ignored",
                .settings((.unknown, 1)), .ping(), answer: .pong(RawFrame.zeros)))
        + section(
            .http2, "6.5.3",
            Question(
                "of a setting given twice the last holds",
                steps: [
                    .frames(.settings((.initialWindowSize, 100), (.initialWindowSize, 1))),
                    .expect(.settingsAcknowledged),
                    .frames(.headers(1, block)), .expect(.data(length: 1)),
                ]),
            Question(
                "SETTINGS is acknowledged",
                .settings((.enablePush, 0)), answer: .settingsAcknowledged))

    private static let ping = section(
        .http2, "6.7",
        Question(
            "PING is answered with its payload",
            .ping(Array("whistler".utf8)), answer: .pong(Array("whistler".utf8))),
        Question(
            "an answer to PING is not answered",
            .ping(Array("unwanted".utf8), acknowledgement: true), .ping(Array("whistler".utf8)),
            answer: .pong(Array("whistler".utf8))),
        Question(
            "PING on a stream",
            RawFrame(type: RawFrame.Kind.ping, stream: 1, payload: RawFrame.zeros),
            answer: .connectionError(.protocol)),
        Question(
            "PING of six octets",
            RawFrame(type: RawFrame.Kind.ping, payload: [0, 0, 0, 0, 0, 0]),
            answer: .connectionError(.frameSize)))

    private static let goAway = section(
        .http2, "6.8",
        Question(
            "GOAWAY on a stream",
            RawFrame(type: RawFrame.Kind.goAway, stream: 1, payload: RawFrame.zeros),
            answer: .connectionError(.protocol)))

    private static let windows =
        section(
            .http2, "6.9",
            Question(
                "the connection's WINDOW_UPDATE by nothing",
                .windowUpdate(0, by: 0), answer: .connectionError(.protocol)),
            Question(
                "a stream's WINDOW_UPDATE by nothing",
                .headers(1, waiting, end: false), .windowUpdate(1, by: 0),
                answer: .streamError(.protocol)),
            Question(
                "WINDOW_UPDATE of three octets",
                RawFrame(type: RawFrame.Kind.windowUpdate, payload: [0, 0, 1]),
                answer: .connectionError(.frameSize)))
        + section(
            .http2, "6.9.1",
            Question(
                "DATA stays within a window of one octet",
                steps: [
                    .frames(.settings((.initialWindowSize, 1))), .expect(.settingsAcknowledged),
                    .frames(.headers(1, block)), .expect(.data(length: 1)),
                ]),
            Question(
                "the connection's window above 2^31-1",
                .windowUpdate(0, by: 0x7FFF_FFFF), .windowUpdate(0, by: 0x7FFF_FFFF),
                answer: .connectionError(.flowControl)),
            Question(
                "a stream's window above 2^31-1",
                .headers(1, waiting, end: false), .windowUpdate(1, by: 0x7FFF_FFFF),
                .windowUpdate(1, by: 0x7FFF_FFFF), answer: .reset(1, .flowControl)))
        + section(
            .http2, "6.9.2",
            Question(
                "a new initial window changes the streams that are open",
                steps: [
                    .frames(.settings((.initialWindowSize, 0))), .expect(.settingsAcknowledged),
                    .frames(.headers(1, block), .settings((.initialWindowSize, 1))),
                    .expect(.data(length: 1)),
                ]),
            Question(
                "a window may become negative",
                steps: [
                    .frames(.settings((.initialWindowSize, 3))), .expect(.settingsAcknowledged),
                    .frames(.headers(1, block)), .expect(.data(length: 3)),
                    .frames(.settings((.initialWindowSize, 2))), .expect(.settingsAcknowledged),
                    .frames(.windowUpdate(1, by: 2)), .expect(.data(length: 1)),
                ]),
            Question(
                "an initial window above 2^31-1",
                .settings((.initialWindowSize, 0x8000_0000)),
                answer: .connectionError(.flowControl)))

    private static let continuation = section(
        .http2, "6.10",
        Question(
            "several CONTINUATION are taken",
            .headers(1, block, complete: false),
            .continuation(1, [Field.large].block, complete: false),
            .continuation(1, [Field.large].block), answer: .headers(1)),
        Question(
            "CONTINUATION to be continued, then DATA",
            .headers(1, block, end: false, complete: false),
            .continuation(1, [Field.large].block, complete: false), .data(1),
            answer: .connectionError(.protocol)),
        Question(
            "CONTINUATION without a stream",
            .headers(1, block, complete: false), .continuation(0, [Field.large].block),
            answer: .connectionError(.protocol)),
        Question(
            "CONTINUATION after HEADERS that was complete",
            .headers(1, waiting), .continuation(1, [Field.large].block),
            answer: .connectionError(.protocol)),
        Question(
            "CONTINUATION after CONTINUATION that was the last",
            .headers(1, waiting, complete: false), .continuation(1, [Field.large].block),
            .continuation(1, [Field.large].block), answer: .connectionError(.protocol)),
        Question(
            "CONTINUATION after DATA",
            .headers(1, block, end: false, complete: false), .data(1),
            .continuation(1, [Field.large].block), answer: .connectionError(.protocol)))

    private static let codes = section(
        .http2, "7",
        Question(
            "GOAWAY with an unknown code does no harm",
            .goAway(0xff), .ping(), answer: .pongOrClosed(RawFrame.zeros)),
        Question(
            "RST_STREAM with an unknown code does no harm",
            .headers(1, waiting, end: false), .reset(1, 0xff), .ping(),
            answer: .pongOrClosed(RawFrame.zeros)))
}
