import CZstd
import ClusterModel
import Testing
import Zstd

@Suite("frames that are not what they should be") struct HostileFrameTests {
    private static let whole = 1...(1 << 30)

    @Test("one that ends early is never taken for a whole one", arguments: UInt64(0)..<50)
    func cutShort(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let frame = try Frame.of(Content.any(using: &random), cut: Self.whole, using: &random)
        let cut = Array(frame.prefix(Int.random(in: 0..<frame.count, using: &random)))
        #expect(throws: ZstdFailure.truncated) {
            try Frame.content(of: cut, cut: Self.whole, using: &random)
        }
    }

    @Test("a changed byte gives an error and no other content", arguments: UInt64(0)..<200)
    func changed(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let content = Content.any(using: &random)
        var frame = try Frame.of(content, cut: Self.whole, using: &random)
        frame[Int.random(in: 0..<frame.count, using: &random)] ^= 1 << UInt8(random.next() % 8)
        do {
            // A window of another size may hold the same content.
            #expect(try Frame.content(of: frame, cut: Self.whole, using: &random) == content)
        } catch is ZstdFailure {}
    }

    @Test("a changed content is told by the checksum") func checksum() throws {
        var random = SplitMix64(seed: 3)
        let noise = (0..<1_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        var frame = try Frame.of(noise, cut: Self.whole, using: &random)
        frame[500] ^= 1
        #expect(throws: ZstdFailure.broken("Restored data doesn't match checksum")) {
            try Frame.content(of: frame, cut: Self.whole, using: &random)
        }
    }

    @Test("one that asks for more memory than 8 MiB is refused", arguments: [23, 24, 27])
    func window(log: Int32) throws {
        let frame = try Self.frame(windowLog: log, of: [UInt8](repeating: 1, count: 100_000))
        var random = SplitMix64(seed: 0)
        guard log > 23 else {
            #expect(try Frame.content(of: frame, cut: 1...999, using: &random).count == 100_000)
            return
        }
        #expect(throws: ZstdFailure.broken("Frame requires too much memory for decoding")) {
            try Frame.content(of: frame, cut: 1...999, using: &random)
        }
    }

    @Test("a bomb comes in pieces, however little it takes") func bomb() throws {
        var compressor = try ZstdCompressor()
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var frame: [UInt8] = []
        for _ in 0..<256 { frame += try compressor.append(zeros) }
        frame += try compressor.finish()
        #expect(frame.count < 64 << 10)
        var expander = try ZstdExpander()
        try expander.give(frame)
        // Whoever has had enough stops, and nothing of the rest was made.
        for _ in 0..<8 {
            let piece = try expander.next()
            #expect(piece?.count == ZstdLimits.piece)
        }
        let isDrained = expander.isDrained
        #expect(!isDrained)
    }

    @Test("what goes on after the frame is refused") func trailing() throws {
        var random = SplitMix64(seed: 5)
        let frame = try Frame.of([1, 2, 3], cut: Self.whole, using: &random)
        for more in [[0], frame] {
            for cut in [1...1, Self.whole] {
                #expect(throws: ZstdFailure.trailing) {
                    try Frame.content(of: frame + more, cut: cut, using: &random)
                }
            }
        }
    }

    @Test(
        "what does not begin as a frame does is refused",
        arguments: [
            // The first frame of what was not compressed, one of zstd 0.7, one to be skipped.
            [0, 0, 0, 0, 17, 104], [0x27, 0xB5, 0x2F, 0xFD, 0, 0],
            [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0],
        ] as [[UInt8]])
    func beginning(bytes: [UInt8]) throws {
        var random = SplitMix64(seed: 0)
        for cut in [1...1, Self.whole] {
            #expect(throws: ZstdFailure.broken("it does not begin as a frame does")) {
                try Frame.content(of: bytes, cut: cut, using: &random)
            }
        }
    }

    /// The first claims a window of 128 MiB for its 256 bytes; the second says that it has 12,469 bytes, in a header that
    /// becomes, cut at its sixth byte, that of a frame of three.
    @Test(
        "what is wrong with a frame does not depend on where it is cut",
        arguments: [
            (
                [0x40, 0x88, 0x00, 0x00, 0x03, 0x08, 0x00, 0x61],
                ZstdFailure.broken("Frame requires too much memory for decoding")
            ),
            (
                [
                    0x40, 0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x03, 0x19, 0x00, 0x00, 0x61, 0x62, 0x63,
                ], .truncated
            ),
        ] as [([UInt8], ZstdFailure)])
    func cutAnywhere(rest: [UInt8], failure: ZstdFailure) throws {
        let frame = [0x28, 0xB5, 0x2F, 0xFD] + rest
        for place in 0...frame.count {
            #expect(throws: failure, "cut at \(place)") {
                try Self.expand([Array(frame[..<place]), Array(frame[place...])])
            }
        }
    }

    private static func expand(_ parts: [[UInt8]]) throws {
        var expander = try ZstdExpander()
        for part in parts {
            try expander.give(part)
            while try expander.next() != nil {}
        }
        try expander.requireWhole()
    }

    @Test("a reader holds no more than it says, also for the largest window") func memory() throws {
        let frame = try Self.frame(
            windowLog: ZstdLimits.windowLog, of: [UInt8](repeating: 1, count: 9 << 20))
        var expander = try ZstdExpander()
        try expander.give(frame)
        var most = 0
        while try expander.next() != nil { most = max(most, expander.memory) }
        try expander.requireWhole()
        #expect(most > 1 << ZstdLimits.windowLog && most <= ZstdLimits.expander)
    }

    /// As a source might make it that keeps to no bound.
    private static func frame(windowLog: Int32, of content: [UInt8]) throws -> [UInt8] {
        let context = try #require(ZSTD_createCStream())
        defer { ZSTD_freeCStream(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(content.count) + (1 << 17))
        let room = output.count
        let count = content.withUnsafeBytes { content in
            output.withUnsafeMutableBytes { output in
                var made = ZSTD_outBuffer(dst: output.baseAddress, size: room, pos: 0)
                var half = ZSTD_inBuffer(
                    src: content.baseAddress, size: content.count / 2, pos: 0)
                // Not all at once: the size of the content would be the window.
                ZSTD_compressStream2(context, &made, &half, ZSTD_e_continue)
                var all = ZSTD_inBuffer(
                    src: content.baseAddress, size: content.count, pos: half.pos)
                ZSTD_compressStream2(context, &made, &all, ZSTD_e_end)
                return made.pos
            }
        }
        return Array(output.prefix(count))
    }
}
