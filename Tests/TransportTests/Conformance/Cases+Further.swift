/// What h2spec does not ask: fields that smuggle, lengths that lie, and frames that come late.
extension ConformanceCase {
    static let further: [Self] = fields + connectionFields + requests + lengths + late

    private static let waiting = [Field].request(Responder.wait)

    private static let fields = section(
        .further, "8.2.1",
        malformed("a name with a space", waiting + [Field("x test", "ok")]),
        malformed("a name with a colon inside", waiting + [Field("x:test", "ok")]),
        malformed("a name with a control character", waiting + [Field("x\u{1}", "ok")]),
        malformed("an empty name", waiting + [Field("", "ok")]),
        malformed("a value with a zero octet", waiting + [Field("x-test", "a\u{0}b")]),
        malformed("a value with a line feed", waiting + [Field("x-test", "a\nb: c")]),
        malformed("a value with a carriage return", waiting + [Field("x-test", "a\rb")]),
        malformed("a value that begins with a space", waiting + [Field("x-test", " a")]),
        malformed("a value that ends with a tab", waiting + [Field("x-test", "a\t")]))

    private static let connectionFields = section(
        .further, "8.2.2",
        malformed("transfer-encoding", waiting + [Field("transfer-encoding", "chunked")]),
        malformed("upgrade", waiting + [Field("upgrade", "h2c")]),
        malformed("keep-alive", waiting + [Field("keep-alive", "1")]),
        malformed("proxy-connection", waiting + [Field("proxy-connection", "close")]))

    private static let requests =
        section(
            .further, "8.3.1",
            malformed("two :authority", [Field(":authority", "other")] + waiting),
            malformed(":path that is not absolute", waiting.replacing(":path", with: "wait")),
            malformed(":scheme that is none", waiting.replacing(":scheme", with: "ht tp")),
            malformed(":authority with a space", waiting.replacing(":authority", with: "a b")))
        + section(
            .further, "8.5",
            malformed("CONNECT with :path", waiting.replacing(":method", with: "CONNECT")))

    private static let lengths = section(
        .further, "8.1.1",
        malformed("content-length that is no number", waiting + [Field("content-length", "x")]),
        malformed(
            "content-length twice",
            waiting + [Field("content-length", "0"), Field("content-length", "0")]),
        malformed("content-length without DATA", waiting + [Field("content-length", "9")]),
        Question(
            "content-length above what comes",
            .headers(1, (waiting + [Field("content-length", "10")]).block, end: false), .data(1),
            answer: .streamError(.protocol)),
        Question(
            "content-length that is right",
            .headers(
                1, ([Field].request(Responder.echo) + [Field("content-length", "9")]).block,
                end: false),
            .data(1), answer: .headers(1)))

    private static let late = section(
        .further, "5.1",
        Question(
            "WINDOW_UPDATE and RST_STREAM on a closed stream are ignored",
            steps: answered + [
                .frames(.windowUpdate(1, by: 1), .reset(1), .ping()),
                .expect(.pong(RawFrame.zeros)),
            ]),
        Question(
            "DATA on a number that was passed over",
            .headers(5, waiting.block), .data(3), answer: .connectionError(.streamClosed)),
        Question(
            "what comes late after an early answer is ignored",
            steps: [
                .frames(.headers(1, [Field].request().block, end: false)),
                .expect(.reset(1, .none)),
                .frames(.data(1, end: false), .data(1), .ping()), .expect(.pong(RawFrame.zeros)),
            ]),
        Question(
            "trailers that come late after an early answer are ignored",
            steps: [
                .frames(.headers(1, [Field].request().block, end: false)),
                .expect(.reset(1, .none)),
                .frames(.headers(1, [Field("x-test", "ok")].block), .ping()),
                .expect(.pong(RawFrame.zeros)),
            ]))

    private static let answered: [Step] = [
        .frames(.headers(1, [Field].request().block)), .expect(.endOfStream(1)),
    ]

    private static func malformed(_ title: String, _ fields: [Field]) -> Question {
        Question(title, .headers(1, fields.block), answer: .streamError(.protocol))
    }
}
