/// The part "http2", section 8: requests that are malformed.
extension ConformanceCase {
    static let messages: [Self] =
        section(
            .http2, "8.1",
            Question(
                "a second HEADERS that does not end the stream",
                .headers(1, waiting.block, end: false), .data(1, end: false),
                .headers(1, [Field("x-test", "ok")].block, end: false),
                answer: .streamError(.protocol)))
        + section(
            .http2, "8.1.2",
            request("a name in upper case", waiting + [Field("X-TEST", "ok")]))
        + pseudoFields
        + section(
            .http2, "8.1.2.2",
            request("a field of the connection", waiting + [Field("connection", "keep-alive")]),
            request(
                "TE that is not trailers", waiting.replacing("te", with: "trailers, deflate")))
        + requestFields
        + section(
            .http2, "8.1.2.6",
            Question(
                "content-length that is not the length of DATA",
                .headers(1, (waiting + [Field("content-length", "1")]).block, end: false),
                .data(1), answer: .streamError(.protocol)),
            Question(
                "content-length that is not the sum of several DATA",
                .headers(1, (waiting + [Field("content-length", "1")]).block, end: false),
                .data(1, end: false), .data(1), answer: .streamError(.protocol)))
        + section(
            .http2, "8.2",
            Question(
                "a client that pushes",
                RawFrame(
                    type: RawFrame.Kind.push, flags: RawFrame.Flag.endHeaders, stream: 1,
                    payload: octets(3) + waiting.block),
                answer: .connectionError(.protocol)))

    private static let waiting = [Field].request(Responder.wait)

    private static let pseudoFields = section(
        .http2, "8.1.2.1",
        request("an unknown pseudo-field", waiting + [Field(":test", "ok")]),
        request("a pseudo-field of responses", waiting + [Field(":status", "200")]),
        Question(
            "a pseudo-field in trailers",
            .headers(1, waiting.block, end: false), .data(1, end: false),
            .headers(1, [Field(":method", "POST")].block), answer: .streamError(.protocol)),
        request("a pseudo-field after others", [Field("x-test", "ok")] + waiting))

    private static let requestFields = section(
        .http2, "8.1.2.3",
        request("an empty :path", waiting.replacing(":path", with: "")),
        request("no :method", waiting.without(":method")),
        request("no :scheme", waiting.without(":scheme")),
        request("no :path", waiting.without(":path")),
        request("two :method", [Field(":method", "POST")] + waiting),
        request("two :scheme", [Field(":scheme", "http")] + waiting),
        request("two :path", [Field(":path", Responder.wait)] + waiting))

    private static func request(_ title: String, _ fields: [Field]) -> Question {
        Question(title, .headers(1, fields.block), answer: .streamError(.protocol))
    }
}
