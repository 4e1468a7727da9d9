import ClusterModel
import Testing
import Zstd

@Suite("a frame there and back") struct FrameTests {
    @Test("whatever it has, and wherever it is cut", arguments: UInt64(0)..<200)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let content = Content.any(using: &random)
        let frame = try Frame.of(content, cut: 1...300_000, using: &random)
        #expect(try Frame.content(of: frame, cut: 1...300_000, using: &random) == content)
    }

    @Test("byte by byte") func singly() throws {
        var random = SplitMix64(seed: 7)
        let content = Array(Content.any(using: &random).prefix(3_000))
        let frame = try Frame.of(content, cut: 1...1, using: &random)
        #expect(try Frame.content(of: frame, cut: 1...1, using: &random) == content)
    }

    @Test("what cannot be compressed hardly grows, what can becomes much less") func sizes() throws
    {
        var random = SplitMix64(seed: 1)
        let noise = (0..<(1 << 20)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let pieces = 1...(256 << 10)
        #expect(try Frame.of(noise, cut: pieces, using: &random).count < noise.count + 1_000)
        let lines = Array(repeating: Array("a line of a log\n".utf8), count: 1 << 16).flatMap(
            \.self)
        #expect(try Frame.of(lines, cut: pieces, using: &random).count < lines.count / 100)
    }
}

/// Content of any kind.
enum Content {
    /// Up to a megabyte of noise, runs and what was there before, in stretches of any length.
    static func any(using random: inout SplitMix64) -> [UInt8] {
        var content: [UInt8] = []
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let length = Int.random(in: 0...90_000, using: &random)
            switch Int.random(in: 0...2, using: &random) {
            case 0: content += (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            case 1:
                let byte = UInt8.random(in: 0...255, using: &random)
                content += [UInt8](repeating: byte, count: length)
            default: content += Array(content.prefix(length))
            }
        }
        return content
    }
}

enum Frame {
    static func of(
        _ content: [UInt8], cut: ClosedRange<Int>, using random: inout SplitMix64
    ) throws -> [UInt8] {
        var compressor = try ZstdCompressor()
        var frame: [UInt8] = []
        for piece in pieces(of: content, cut, using: &random) {
            frame += try compressor.append(piece)
        }
        return frame + (try compressor.finish())
    }

    static func content(
        of frame: [UInt8], cut: ClosedRange<Int>, using random: inout SplitMix64
    ) throws -> [UInt8] {
        var expander = try ZstdExpander()
        var content: [UInt8] = []
        for piece in pieces(of: frame, cut, using: &random) {
            try expander.give(piece)
            while let bytes = try expander.next() {
                #expect(!bytes.isEmpty && bytes.count <= ZstdLimits.piece)
                content += bytes
            }
        }
        try expander.requireWhole()
        return content
    }

    private static func pieces(
        of bytes: [UInt8], _ cut: ClosedRange<Int>, using random: inout SplitMix64
    ) -> [[UInt8]] {
        var rest = bytes[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            pieces.append(Array(rest.prefix(Int.random(in: cut, using: &random))))
            rest = rest.dropFirst(pieces.last?.count ?? 0)
        }
        return pieces
    }
}
