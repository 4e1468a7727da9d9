import HTTP2
import Testing

@Suite struct SessionTests {
    @Test func aRequestWithBodyAndTrailersGoesThereAndBack() throws {
        let wire = try Wire()
        let stream = try wire.client.open()
        wire.client.send([1, 2, 3], on: stream)
        wire.client.finish(stream)
        try wire.settle()
        #expect(
            wire.server.takeEvents() == [
                .headers(stream: 1, request, endStream: false),
                .data(stream: 1, [1, 2, 3]),
                .endStream(stream: 1),
            ])
        let trailers = [HTTP2Header("grpc-status", "0")]
        try wire.server.respond(on: stream, bodyFollows: true)
        wire.server.send([4, 5], on: stream)
        wire.server.finish(stream, trailers: trailers)
        try wire.settle()
        #expect(
            wire.client.takeEvents() == [
                .drained(stream: 1, 3),
                .headers(stream: 1, ok, endStream: false),
                .data(stream: 1, [4, 5]),
                .headers(stream: 1, trailers, endStream: true),
                .endStream(stream: 1),
                .closed(stream: 1, .noError),
            ])
    }

    @Test func aConsumerThatDoesNotReadPushesBack() throws {
        let wire = try Wire()
        let stream = try wire.client.open()
        let body = [UInt8](repeating: 1, count: 3 * Limits.streamWindow)
        wire.client.send(body, on: stream)
        try wire.settle()
        #expect(wire.server.takeDataBytes() == Limits.streamWindow)
        #expect(wire.client.queuedBytes(on: stream) == 2 * Limits.streamWindow)

        try wire.server.credit(Limits.streamWindow, on: stream)
        try wire.settle()
        #expect(wire.server.takeDataBytes() == Limits.streamWindow)
    }

    @Test func aSlowStreamDoesNotStarveAnother() throws {
        let wire = try Wire()
        let body = [UInt8](repeating: 1, count: Limits.streamWindow)
        // Together they exceed the connection's window, and none of it is ever read.
        let streams = Limits.connectionWindow / Limits.streamWindow + 4
        for _ in 0..<streams {
            let stream = try wire.client.open()
            wire.client.send(body, on: stream)
        }
        try wire.settle()
        #expect(wire.server.takeDataBytes() == streams * Limits.streamWindow)
    }

    @Test func anAnswerInFullReleasesAStreamThatIsStillBeingSent() throws {
        let wire = try Wire()
        let stream = try wire.client.open()
        try wire.settle()
        try wire.server.respond(on: stream, bodyFollows: false)
        try wire.settle()
        #expect(wire.client.takeEvents().contains(.closed(stream: stream, .noError)))
    }

    @Test func aResetReachesThePeer() throws {
        let wire = try Wire()
        let stream = try wire.client.open()
        try wire.settle()
        _ = wire.server.takeEvents()
        try wire.client.reset(stream, .cancel)
        try wire.settle()
        #expect(wire.server.resets == 1)
        #expect(wire.server.takeEvents() == [.closed(stream: stream, .cancel)])
    }

    /// Whoever asks for something and takes it back in the same breath is to cost as little as can be.
    @Test func aServerIsNotToldOfAStreamThatCameAndWent() throws {
        let wire = try Wire()
        let stays = try wire.client.open()
        let goes = try wire.client.open()
        try wire.client.reset(goes, .cancel)
        try wire.settle()
        let told = wire.server.takeEvents().compactMap(\.stream)
        #expect(told.contains(stays) && !told.contains(goes), "\(told)")
        // A client is told of an answer that came whole.
        try wire.server.respond(on: stays, bodyFollows: false)
        try wire.settle()
        #expect(wire.client.takeEvents().contains(.closed(stream: stays, .noError)))
    }

    @Test func aPingComesBackWithItsNumber() throws {
        let wire = try Wire()
        try wire.client.ping(0x0102_0304_0506_0708)
        try wire.settle()
        #expect(wire.client.takeEvents() == [.pong(0x0102_0304_0506_0708)])
    }

    @Test func streamsBeyondTheServersLimitWait() throws {
        let wire = try Wire()
        for _ in 0..<Limits.concurrentStreams + 1 {
            _ = try wire.client.open(bodyFollows: false)
        }
        try wire.settle()
        let opened = wire.server.takeEvents().filter { event in
            if case .headers = event { true } else { false }
        }
        #expect(opened.count == Limits.concurrentStreams)
    }

    @Test func shutDownLetsOpenStreamsFinishAndThenEndsTheSession() throws {
        let wire = try Wire()
        let stream = try wire.client.open(bodyFollows: false)
        try wire.settle()
        try wire.server.shutDown()
        try wire.settle()
        #expect(wire.client.takeEvents().contains(.goAway(lastStream: stream, .noError)))
        #expect(throws: HTTP2Failure.self) {
            try wire.client.open(bodyFollows: false)
        }
        #expect(!wire.server.isFinished)
        try wire.server.respond(on: stream, bodyFollows: false)
        try wire.settle()
        #expect(wire.server.isFinished && wire.client.isFinished)
    }

    @Test func frequentSmallChunksKeepTheirOrder() throws {
        let wire = try Wire()
        let stream = try wire.client.open()
        for number in 0..<1_000 { wire.client.send([UInt8(number % 251)], on: stream) }
        wire.client.finish(stream)
        try wire.settle()
        var received: [UInt8] = []
        for case .data(_, let bytes) in wire.server.takeEvents() { received += bytes }
        #expect(received == (0..<1_000).map { UInt8($0 % 251) })
    }
}
