package import Ports

/// The end of a log, of a bounded size, that begins with a whole line: what goes along with a move.
package struct LogTail: Sendable {
    /// Most bytes of it: some ten thousand lines, a hundredth of a second on a link of a gigabit.
    package static let limit = 1 << 20

    private let limit: Int
    /// From `first` on; what is before it was dropped.
    private var pieces: [Piece] = []
    private var first = 0
    private var size = 0
    /// Streams of which the last byte that was dropped ended no line.
    private var cut: Set<LogChunk.Stream> = []

    private struct Piece {
        let stream: LogChunk.Stream
        var bytes: [UInt8]

        /// What is small is put together, and what is large is parted.
        static let least = 16 << 10
        static let most = 64 << 10
        /// What one counts for besides its bytes, so that many of a few bytes each are bounded too.
        static let cost = 64

        var size: Int { bytes.count + Self.cost }
    }

    package init(limit: Int = LogTail.limit) { self.limit = limit }

    package mutating func append(_ chunk: LogChunk) {
        var rest = chunk.bytes[...]
        while !rest.isEmpty {
            add(Array(rest.prefix(Piece.most)), chunk.stream)
            rest = rest.dropFirst(Piece.most)
        }
        while first < pieces.count, size - pieces[first].size >= limit {
            drop(pieces[first].bytes.count)
        }
        if first > pieces.count / 2 {
            pieces.removeFirst(first)
            first = 0
        }
    }

    /// The last lines; of a stream of which something was dropped, from its first whole line on.
    package var lines: [LogChunk] {
        var tail = self
        while tail.size > limit, tail.first < tail.pieces.count {
            tail.drop(min(tail.pieces[tail.first].bytes.count, tail.size - limit))
        }
        return tail.pieces[tail.first...].compactMap { piece -> LogChunk? in
            var rest = piece.bytes[...]
            if tail.cut.contains(piece.stream) {
                // What is left of a line that began in what was dropped; it may be all of this piece and more.
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
                rest = rest[(end + 1)...]
                tail.cut.remove(piece.stream)
            }
            return rest.isEmpty ? nil : LogChunk(piece.stream, Array(rest))
        }
    }

    private mutating func add(_ bytes: [UInt8], _ stream: LogChunk.Stream) {
        if let last = pieces.indices.last, last >= first, pieces[last].stream == stream,
            pieces[last].bytes.count < Piece.least
        {
            pieces[last].bytes += bytes
            size += bytes.count
        } else {
            pieces.append(Piece(stream: stream, bytes: bytes))
            size += bytes.count + Piece.cost
        }
    }

    /// Drops the first `count` bytes, which are at most the first piece.
    private mutating func drop(_ count: Int) {
        let piece = pieces[first]
        if count > 0, piece.bytes[count - 1] == UInt8(ascii: "\n") {
            cut.remove(piece.stream)
        } else if count > 0 {
            cut.insert(piece.stream)
        }
        if count == piece.bytes.count {
            size -= piece.size
            pieces[first].bytes = []
            first += 1
        } else {
            size -= count
            pieces[first].bytes.removeFirst(count)
        }
    }
}
