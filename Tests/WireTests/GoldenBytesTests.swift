import Foundation
import Testing
import Wire

/// Our bytes against those that Google's own protobuf makes of the same message.
@Suite struct GoldenBytesTests {
    @Test("a value is the golden bytes and the golden bytes are the value", arguments: Golden.all)
    func golden(_ golden: Golden) throws {
        let expected = try #require(Self.recorded()[golden.name], "no line in golden.txt")
        #expect(ForeignProtobuf.hexadecimal(golden.bytes) == expected)
        #expect(try golden.reads(try #require(ForeignProtobuf.octets(expected))))
    }

    @Test(
        "the golden bytes are those of the message's JSON",
        .enabled(
            if: ForeignProtobuf.python != nil,
            "HUDDLE_TEST_PYTHON names no python with grpcio-tools"))
    func recorded() throws {
        let answers = try ForeignProtobuf.ask(Golden.all.map { "make \($0.type) \($0.json)" })
        let lines = zip(Golden.all, answers).map { "\($0.name) \($1)" }.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["REWRITE"] != nil {
            try (lines + "\n").write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOf: Self.file, encoding: .utf8) == lines + "\n",
            "REWRITE=1, then read the diff")
    }

    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "golden.txt")

    private static func recorded() throws -> [String: String] {
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return Dictionary(
            lines.map { line in
                let words = line.split(separator: " ", omittingEmptySubsequences: false)
                return (String(words[0]), String(words[1]))
            }, uniquingKeysWith: { first, _ in first })
    }

}
