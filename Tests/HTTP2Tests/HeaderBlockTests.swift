import HTTP2
import Testing

/// Blocks that are alike are read by comparison with the one before, so what differs has to be noticed wherever it is.
@Suite struct HeaderBlockTests {
    private static let long = request + [HTTP2Header("x-a", "1"), HTTP2Header("x-b", "2")]

    @Test func blocksArriveAsTheyWereSentWhateverCameBefore() throws {
        let blocks = [
            request, request, Self.long, request, Self.long, Self.long,
            request + [HTTP2Header("x-a", "1"), HTTP2Header("x-b", "3")],
            request + [HTTP2Header("x-a", "12"), HTTP2Header("x-b", "")],
            // The same bytes, divided otherwise.
            request + [HTTP2Header("x-a1", "2"), HTTP2Header("x-b", "")],
            request + [HTTP2Header("x-b", "2"), HTTP2Header("x-a", "1")],
            request + [HTTP2Header("x-a", "ü")], request,
        ]
        let wire = try Wire()
        for block in blocks {
            let stream = try wire.client.open(block, bodyFollows: false)
            try wire.settle()
            #expect(
                wire.server.takeEvents() == [
                    .headers(stream: stream, block, endStream: true), .endStream(stream: stream),
                ])
            try wire.server.respond(on: stream, bodyFollows: false)
            try wire.settle()
            _ = wire.server.takeEvents()
        }
    }

    @Test func aBlockThatIsTooLargeLeavesNothingBehind() throws {
        let wire = try Wire()
        let large = HTTP2Header("x-large", String(repeating: "a", count: 8_000))
        for block in [request, request + [large, large, large], request] {
            let stream = try wire.client.open(block, bodyFollows: false)
            try wire.settle()
            let isLarge = block.count > request.count
            #expect(
                wire.server.takeEvents().first
                    == (isLarge
                        ? .headersTooLarge(stream: stream)
                        : .headers(stream: stream, block, endStream: true)))
        }
    }
}
