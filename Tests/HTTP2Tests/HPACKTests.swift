import Foundation
import HTTP2
import Testing

/// Our header blocks and those of an implementation that shares nothing with ours.
@Suite(.timeLimit(.minutes(1))) struct HPACKTests {
    static let python = ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"]

    /// A header block of PyPI's hpack.
    private struct Vector: Decodable {
        let connection: Int
        let hex: String
        let fields: [[String]]
        let kinds: [String]
    }

    /// A header block of ours, and the largest table that its reader allows.
    private struct Block: Encodable {
        let connection: Int
        let allowed: Int
        let hex: String
    }

    /// What PyPI's hpack reads in one of ours.
    private struct Reading: Decodable {
        let fields: [[String]]
        let kinds: [String]
        let hidden: [String]
    }

    @Test(
        "blocks by hpack are read as they were meant",
        .enabled(if: python != nil, "HUDDLE_TEST_PYTHON names no python with hpack"),
        arguments: [1, 2, 3])
    func theirs(seed: Int) throws {
        let vectors: [Vector] = try run(["make", String(seed)])
        try #require(vectors.count == 480)
        // All representations but `plain`, which hpack reads and never writes.
        #expect(
            Set(vectors.flatMap(\.kinds)) == [
                "huffman", "indexed", "literal", "name by index", "never", "new name", "size",
            ])
        for (connection, blocks) in Dictionary(grouping: vectors, by: \.connection) {
            let server = try End(.server)
            try server.receive(preface + frame(type: 4))
            _ = server.takeEvents()
            for (number, block) in blocks.enumerated() {
                let stream = UInt32(2 * number + 1)
                try server.receive(
                    frame(type: 1, flags: 0x5, stream: stream, try #require(octets(block.hex))))
                let expected = block.fields.map { HTTP2Header($0[0], $0[1]) }
                #expect(
                    server.takeEvents().first
                        == .headers(stream: Int32(stream), expected, endStream: true),
                    "seed \(seed), connection \(connection), block \(number)")
                try server.respond(on: Int32(stream), bodyFollows: false)
                _ = try server.takeBytes()
                _ = server.takeEvents()
            }
        }
    }

    @Test(
        "blocks of ours are read by hpack as they were meant",
        .enabled(if: python != nil, "HUDDLE_TEST_PYTHON names no python with hpack"),
        arguments: UInt64(1)...3)
    func ours(seed: UInt64) throws {
        var random = Xorshift(seed: seed)
        var blocks: [Block] = []
        var lists: [[HTTP2Header]] = []
        for connection in 0..<8 {
            let client = try End(.client)
            _ = try client.takeBytes()
            var allowed = 4_096
            for number in 0..<40 {
                if number % 10 == 0 {
                    allowed = [0, 64, 1_000, 4_096, 65_536][Int(random.next() % 5)]
                    try client.receive(frame(type: 4, [0, 1] + bigEndian(allowed)))
                    _ = try client.takeBytes()
                }
                let list = Self.list(&random)
                let stream = try client.open(list, bodyFollows: false)
                let bytes = try headerBlock(in: client.takeBytes())
                blocks.append(Block(connection: connection, allowed: allowed, hex: hex(bytes)))
                lists.append(list)
                // Answered, so that the next may be opened.
                try client.receive(frame(type: 3, stream: UInt32(stream), [0, 0, 0, 8]))
            }
        }
        let readings: [Reading] = try run(["read"], input: blocks)
        try #require(readings.count == lists.count)
        for (number, (list, reading)) in zip(lists, readings).enumerated() {
            #expect(
                reading.fields == list.map { [$0.name, $0.value] }, "seed \(seed), block \(number)")
            // What could be guessed by watching the table is not put into it.
            let secret = list.contains { $0.name == "authorization" }
            #expect(reading.hidden.contains("authorization") == secret)
        }
        let kinds = Set(readings.flatMap(\.kinds))
        #expect(kinds.isSuperset(of: ["huffman", "indexed", "literal", "never", "size"]))
    }

    private static func list(_ random: inout Xorshift) -> [HTTP2Header] {
        var list = request
        for _ in 0..<random.next() % 8 {
            let name = ["x-a", "x-b", "user-agent", "authorization", "grpc-timeout"].randomElement(
                using: &random)
            let length = Int(random.next() % 3) * Int(random.next() % 100)
            let value = (0..<length).map { _ in UInt8(0x21 + random.next() % 0x5E) }
            list.append(HTTP2Header(name ?? "x", String(decoding: value, as: UTF8.self)))
        }
        return list
    }

    /// The payload of the HEADERS and its CONTINUATION in what a session wrote.
    private func headerBlock(in bytes: [UInt8]) throws -> [UInt8] {
        var block: [UInt8] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let payload = rest.dropFirst(9).prefix(length)
            if head[3] == 1 || head[3] == 9 {
                try #require(head[4] & 0x28 == 0, "padding or a priority")
                block += payload
            }
            rest = rest.dropFirst(9 + length)
        }
        return block
    }

    private func run<Answer: Decodable>(
        _ arguments: [String], input: [some Encodable] = [Block]()
    ) throws -> [Answer] {
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.python))
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "hpack_vectors.py")
        process.arguments = [script.path()] + arguments
        let questions = FileManager.default.temporaryDirectory
            .appending(path: "huddle-hpack-\(UUID().uuidString)")
        var lines = Data()
        for line in input { lines += try JSONEncoder().encode(line) + Data("\n".utf8) }
        try lines.write(to: questions)
        defer { try? FileManager.default.removeItem(at: questions) }
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: questions)
        process.standardOutput = output
        try process.run()
        let answers = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try answers.split(separator: UInt8(ascii: "\n")).map { line in
            try JSONDecoder().decode(Answer.self, from: line)
        }
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func octets(_ hex: String) -> [UInt8]? {
        let digits = Array(hex)
        let octets = stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
            UInt8(String(digits[index...index + 1]), radix: 16)
        }
        return octets.count * 2 == digits.count ? octets : nil
    }

    private func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// Chance that a seed repeats.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
