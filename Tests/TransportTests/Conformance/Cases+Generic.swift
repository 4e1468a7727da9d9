/// The part "generic": what a server must accept, by the purpose of the frames.
extension ConformanceCase {
    static let generic: [Self] =
        starting + states + frames + continued + exchanges + compression

    private static let block = [Field].request().block

    private static let starting = section(
        .generic, "1",
        Question(
            "answers a client's preface with its own", isGreeted: false,
            steps: [.send(RawPeer.preface), .frames(.settings()), .expect(.preface)]))

    private static let states = section(
        .generic, "2",
        Question(
            "takes PRIORITY on an idle stream",
            .priority(1), .ping(), answer: .pong(RawFrame.zeros)),
        Question(
            "takes WINDOW_UPDATE on a half-closed stream",
            .settings((.initialWindowSize, 0)), .headers(1, block), .windowUpdate(1, by: 1),
            answer: .data(length: 1)),
        Question(
            "takes PRIORITY on a half-closed stream",
            .settings((.initialWindowSize, 0)), .headers(1, block), .priority(1),
            .windowUpdate(1, by: 1), answer: .data(length: 1)),
        Question(
            "takes RST_STREAM on a half-closed stream",
            .headers(1, [Field].request(Responder.wait).block), .reset(1), .ping(),
            answer: .pongOrClosed(RawFrame.zeros)),
        Question(
            "takes PRIORITY on a closed stream",
            steps: [
                .frames(.headers(1, block)), .expect(.endOfStream(1)),
                .frames(.priority(1), .ping()), .expect(.pong(RawFrame.zeros)),
            ]))

    private static let frames =
        section(
            .generic, "3.1",
            Question(
                "takes DATA",
                .headers(1, [Field].request(Responder.echo).block, end: false), .data(1),
                answer: .headers(1)),
            Question(
                "takes DATA in several frames",
                .headers(1, [Field].request(Responder.echo).block, end: false),
                .data(1, end: false), .data(1), answer: .headers(1)),
            Question(
                "takes DATA with padding",
                .headers(1, [Field].request(Responder.echo).block, end: false),
                .padded(1, padding: 5), answer: .headers(1)))
        + section(
            .generic, "3.2",
            Question("takes HEADERS", .headers(1, block), answer: .headers(1)),
            Question(
                "takes HEADERS with padding",
                RawFrame(
                    type: RawFrame.Kind.headers,
                    flags: RawFrame.Flag.padded | RawFrame.Flag.endHeaders
                        | RawFrame.Flag.endStream,
                    stream: 1, payload: [8] + block + RawFrame.zeros),
                answer: .headers(1)),
            Question(
                "takes HEADERS with a priority",
                RawFrame(
                    type: RawFrame.Kind.headers,
                    flags: RawFrame.Flag.priority | RawFrame.Flag.endHeaders
                        | RawFrame.Flag.endStream,
                    stream: 1,
                    payload: RawFrame.dependency(on: 0, exclusive: false, weight: 255) + block),
                answer: .headers(1)))
        + section(
            .generic, "3.3",
            Question(
                "takes PRIORITY of the least weight",
                .priority(1, weight: 0), .headers(1, block), answer: .headers(1)),
            Question(
                "takes PRIORITY of the greatest weight",
                .priority(1, weight: 255), .headers(1, block), answer: .headers(1)),
            Question(
                "takes PRIORITY that depends on another stream",
                .priority(3, on: 1, weight: 0), .headers(1, block), answer: .headers(1)),
            Question(
                "takes PRIORITY that is exclusive",
                .priority(1, exclusive: true, weight: 0), .headers(1, block),
                answer: .headers(1)),
            Question(
                "takes PRIORITY on an idle stream, then HEADERS on a lower one",
                .priority(3), .headers(1, block), answer: .headers(1)))
        + section(
            .generic, "3.4",
            Question(
                "takes RST_STREAM",
                .headers(1, [Field].request(Responder.wait).block, end: false), .reset(1), .ping(),
                answer: .pongOrClosed(RawFrame.zeros)))
        + section(
            .generic, "3.5",
            Question(
                "takes SETTINGS",
                .settings(
                    (.headerTableSize, 4_096), (.enablePush, 1), (.maxConcurrentStreams, 100),
                    (.initialWindowSize, 65_535), (.maxFrameSize, 16_384),
                    (.maxHeaderListSize, 100)),
                answer: .settingsAcknowledged))
        + section(
            .generic, "3.7",
            Question(
                "takes PING", .ping(Array("whistler".utf8)), answer: .pong(Array("whistler".utf8))))
        + section(
            .generic, "3.8",
            Question(
                "takes GOAWAY",
                .goAway(text: "bye"), .ping(), answer: .pongOrClosed(RawFrame.zeros)))
        + section(
            .generic, "3.9",
            Question(
                "takes WINDOW_UPDATE of the connection",
                .windowUpdate(0, by: 1), .ping(), answer: .pong(RawFrame.zeros)),
            Question(
                "takes WINDOW_UPDATE of a stream",
                .headers(1, block), .windowUpdate(1, by: 1), answer: .headers(1)))

    private static let continued = section(
        .generic, "3.10",
        Question(
            "takes CONTINUATION",
            .headers(1, Array(block[..<5]), complete: false), .continuation(1, Array(block[5...])),
            answer: .headers(1)),
        Question(
            "takes several CONTINUATION",
            .headers(1, Array(block[..<5]), complete: false),
            .continuation(1, Array(block[5..<10]), complete: false),
            .continuation(1, Array(block[10...])), answer: .headers(1)))

    private static let exchanges = section(
        .generic, "4",
        Question(
            "answers GET", .headers(1, [Field].request(method: "GET").block), answer: .headers(1)),
        Question(
            "answers HEAD", .headers(1, [Field].request(method: "HEAD").block),
            answer: .headers(1)),
        Question(
            "answers POST",
            .headers(1, [Field].request(Responder.echo).block, end: false), .data(1),
            answer: .headers(1)),
        Question(
            "answers POST with trailers",
            .headers(
                1, ([Field].request(Responder.echo) + [Field("trailer", "x-test")]).block,
                end: false),
            .data(1, end: false), .headers(1, [Field("x-test", "ok")].block),
            answer: .headers(1)))
}

/// The representations of HPACK that a server must accept.
extension ConformanceCase {
    /// Names and values as literals: `x-test` and `test`, plain and in Huffman's code.
    /// - Source: RFC 7541, appendix B.
    private enum Literal {
        static let name = [6] + Array("x-test".utf8)
        static let value = [4] + Array("test".utf8)
        static let huffmanName: [UInt8] = [0x85, 0xf2, 0xb2, 0x4a, 0x84, 0xff]
        static let huffmanValue: [UInt8] = [0x83, 0x49, 0x50, 0x9f]
    }

    /// The ways to write a literal: the octets before a name, and those that name index 58,
    /// `user-agent`, in the way's own prefix.
    private static let ways: [(way: String, new: UInt8, indexed: [UInt8])] = [
        ("with indexing", 0x40, [0x7a]), ("without indexing", 0x00, [0x0f, 0x2b]),
        ("never indexed", 0x10, [0x1f, 0x2b]),
    ]

    fileprivate static let compression: [Self] =
        section(.generic, "5", field("takes an indexed field", [0xba]))
        + ways.flatMap { way, new, indexed in
            section(
                .generic, "5",
                field("takes a literal \(way), name by index", indexed + Literal.value),
                field(
                    "takes a literal \(way), name by index, Huffman", indexed + Literal.huffmanValue
                ),
                field("takes a literal \(way), new name", [new] + Literal.name + Literal.value),
                field(
                    "takes a literal \(way), new name, Huffman",
                    [new] + Literal.huffmanName + Literal.huffmanValue))
        }
        + section(
            .generic, "5",
            Question(
                "takes a change of the table's size",
                .headers(1, [0x3f, 0x61] + [Field].request().block), answer: .headers(1)),
            Question(
                "takes two changes of the table's size",
                .headers(1, [0x3f, 0x61, 0x3f, 0xe1, 0x1f] + [Field].request().block),
                answer: .headers(1)))

    private static func field(_ title: String, _ representation: [UInt8]) -> Question {
        Question(
            title, .headers(1, [Field].request().block + representation), answer: .headers(1))
    }
}
