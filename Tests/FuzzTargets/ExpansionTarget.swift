import Zstd

/// What agents expand: frames of a foreign peer, and our own with or without a bit changed on the way.
///
/// The first byte picks the scene, the second how the bytes are cut. Each frame is expanded twice, in one piece and in
/// several: what comes of it may not depend on that, nor may it ever hold more memory than it says.
enum ExpansionTarget {
    /// More than a window's worth would only take longer.
    private static let enough = 1 << 20
    /// Pieces that a frame is cut into at most.
    private static let cuts = 64

    static func run(_ bytes: [UInt8]) {
        var input = FuzzInput(bytes)
        let choice = input.byte()
        let piece = Int(input.byte()) + 1
        do {
            if choice & 1 == 0 {
                // With what every frame begins with, unless the fuzzer makes that too.
                let start: [UInt8] = choice & 2 == 0 ? [0x28, 0xB5, 0x2F, 0xFD] : []
                _ = try compare(start + input.remainder(), piece)
            } else {
                try carry(&input, piece, isChanged: choice & 2 != 0)
            }
        } catch {
            broken("there is no memory for a frame: \(error)")
        }
    }

    // MARK: There and back

    private static func carry(
        _ input: inout FuzzInput, _ piece: Int, isChanged: Bool
    ) throws {
        let place = Int(input.byte()) << 8 | Int(input.byte())
        let bit = input.byte() & 7
        let content = content(&input)
        var compressor = try ZstdCompressor()
        var frame: [UInt8] = []
        for part in pieces(of: content, piece) { frame += try compressor.append(part) }
        frame += try compressor.finish()
        if isChanged { frame[place % frame.count] ^= 1 << bit }
        let outcome = try compare(frame, piece)
        if isChanged {
            // It ends with a checksum: nothing else is ever taken for the content.
            promise(
                outcome.end != .whole || outcome.content == content,
                "\(content.count) bytes came changed, bit \(bit) of \(place % frame.count)")
        } else {
            promise(
                outcome.end == .whole && outcome.content == content,
                "\(content.count) bytes arrived as \(outcome.content.count), \(outcome.end)")
        }
    }

    /// Pieces of the fuzzer, each once or many times.
    private static func content(_ input: inout FuzzInput) -> [UInt8] {
        var content: [UInt8] = []
        while !input.isEmpty {
            let times = Int(input.byte())
            let part = input.piece()
            for _ in 0...(times * times / 16) where content.count < enough / 2 { content += part }
        }
        return content
    }

    // MARK: Whole and in pieces

    private enum End: Equatable {
        case whole
        case failed(ZstdFailure)
        /// It had more than is looked at.
        case cutOff
    }

    private struct Outcome {
        var content: [UInt8] = []
        var end = End.whole
    }

    private static func compare(_ frame: [UInt8], _ piece: Int) throws -> Outcome {
        let whole = try outcome(of: [frame])
        let pieces = try outcome(of: pieces(of: frame, piece))
        let (short, long) =
            whole.content.count < pieces.content.count ? (whole, pieces) : (pieces, whole)
        // Of a frame that is broken, what comes with the failure is lost, and that depends on the cuts.
        promise(
            long.content.starts(with: short.content),
            "\(whole.content.count) bytes in one piece, others in several")
        guard whole.end != .cutOff, pieces.end != .cutOff else { return whole }
        promise(
            whole.end == pieces.end, "in one piece \(whole.end), in several \(pieces.end)")
        promise(
            whole.end != .whole || whole.content.count == pieces.content.count,
            "\(whole.content.count) bytes in one piece, \(pieces.content.count) in several")
        return whole
    }

    private static func outcome(of pieces: [[UInt8]]) throws -> Outcome {
        var expander = try ZstdExpander()
        var outcome = Outcome()
        do throws(ZstdFailure) {
            for piece in pieces {
                try expander.give(piece)
                check(expander)
                while let part = try expander.next() {
                    check(expander)
                    promise(
                        !part.isEmpty && part.count <= ZstdLimits.piece,
                        "a piece of \(part.count) bytes")
                    outcome.content += part
                    guard outcome.content.count < enough else {
                        outcome.end = .cutOff
                        return outcome
                    }
                }
            }
            try expander.requireWhole()
        } catch {
            outcome.end = .failed(error)
        }
        check(expander)
        return outcome
    }

    private static func check(_ expander: borrowing ZstdExpander) {
        let memory = expander.memory
        promise(memory <= ZstdLimits.expander, "it holds \(memory) bytes")
    }

    private static func pieces(of bytes: [UInt8], _ piece: Int) -> [[UInt8]] {
        let piece = max(piece, bytes.count / cuts)
        return stride(from: 0, to: bytes.count, by: piece).map { start in
            Array(bytes[start..<min(start + piece, bytes.count)])
        }
    }
}
