import Drivers
import Ports
import Testing

/// What of a log goes along with a move.
@Suite struct LogTailTests {
    private static func text(_ tail: LogTail, _ stream: LogChunk.Stream? = nil) -> String {
        let chunks = tail.lines.filter { stream == nil || $0.stream == stream }
        return String(decoding: chunks.flatMap(\.bytes), as: UTF8.self)
    }

    private static func tail(_ limit: Int, _ texts: [String]) -> LogTail {
        var tail = LogTail(limit: limit)
        for text in texts { tail.append(LogChunk(.output, Array(text.utf8))) }
        return tail
    }

    @Test("what is within the bound goes whole, however it was cut")
    func whole() {
        #expect(Self.tail(1000, []).lines == [])
        #expect(Self.text(Self.tail(1000, ["one\nt", "w", "o\n", "half"])) == "one\ntwo\nhalf")
        // A first line whose beginning was nowhere seen is as whole as it will be.
        #expect(Self.text(Self.tail(1000, ["x"])) == "x")
    }

    @Test(
        "of what is larger the last lines go, from the beginning of one", arguments: [1, 7, 4096])
    func cut(piece: Int) {
        let limit = 50_000
        let lines = (0..<20_000).map { "line \($0)\n" }
        let all = Array(lines.joined().utf8)
        var tail = LogTail(limit: limit)
        for start in stride(from: 0, to: all.count, by: piece) {
            tail.append(LogChunk(.output, Array(all[start..<min(start + piece, all.count)])))
        }
        let kept = Self.text(tail)
        #expect(kept.utf8.count <= limit)
        #expect(kept.utf8.count > limit - 1_000)
        let first = lines.count - kept.split(separator: "\n").count
        #expect(kept == lines[first...].joined())
    }

    @Test("a cut between two lines costs no further line")
    func cutBetweenLines() {
        // 64 bytes are counted for the piece itself.
        #expect(Self.text(Self.tail(64 + 8, ["one\n", "two\n", "six\n"])) == "two\nsix\n")
        #expect(Self.text(Self.tail(64 + 9, ["one\n", "two\n", "six\n"])) == "two\nsix\n")
        #expect(Self.text(Self.tail(64 + 7, ["one\n", "two\n", "six\n"])) == "six\n")
    }

    @Test("a line that alone is larger is left out")
    func endless() {
        let long = String(repeating: "x", count: 300_000)
        #expect(Self.tail(1 << 17, [long]).lines == [])
        #expect(Self.text(Self.tail(1 << 17, [long, "\nlast\n"])) == "last\n")
    }

    @Test("streams stay apart, and each begins with a whole line")
    func streams() {
        var tail = LogTail(limit: 20_000)
        for number in 0..<5_000 {
            tail.append(LogChunk(.output, Array("out \(number) begins".utf8)))
            tail.append(LogChunk(.error, Array("err \(number)\n".utf8)))
            tail.append(LogChunk(.output, Array(" and ends\n".utf8)))
        }
        let output = Self.text(tail, .output).split(separator: "\n")
        let errors = Self.text(tail, .error).split(separator: "\n")
        #expect(output.count > 50 && errors.count > 50)
        #expect(output == (5_000 - output.count..<5_000).map { "out \($0) begins and ends" })
        #expect(errors == (5_000 - errors.count..<5_000).map { "err \($0)" })
        #expect(tail.lines.reduce(0) { $0 + $1.bytes.count } <= 20_000)
    }

    @Test("what is kept while more comes stays bounded")
    func bounded() {
        var tail = LogTail(limit: 1 << 16)
        let chunk = LogChunk(.output, [UInt8](repeating: 10, count: 5 << 20))
        for _ in 0..<3 { tail.append(chunk) }
        #expect(tail.lines.reduce(0) { $0 + $1.bytes.count } <= 1 << 16)
        #expect(tail.lines.allSatisfy { $0.bytes.count <= 64 << 10 })
    }
}
