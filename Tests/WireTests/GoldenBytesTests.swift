import Foundation
import Testing
import Wire

/// Our bytes against those that Google's own protobuf makes of the same message.
@Suite struct GoldenBytesTests {
    static let python = ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"]

    @Test("a value is the golden bytes and the golden bytes are the value", arguments: Golden.all)
    func golden(_ golden: Golden) throws {
        let expected = try #require(Self.recorded()[golden.name], "no line in golden.txt")
        #expect(Self.hexadecimal(golden.bytes) == expected)
        #expect(try golden.reads(try #require(Self.octets(expected))))
    }

    @Test(
        "the golden bytes are those of the message's JSON",
        .enabled(if: python != nil, "HUDDLE_TEST_PYTHON names no python with grpcio-tools"))
    func recorded() throws {
        let answers = try ask(Golden.all.map { "make \($0.type) \($0.json)" })
        let lines = zip(Golden.all, answers).map { "\($0.name) \($1)" }.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["REWRITE"] != nil {
            try (lines + "\n").write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOf: Self.file, encoding: .utf8) == lines + "\n",
            "REWRITE=1, then read the diff")
    }

    @Test(
        "every message is read without unknown fields and written the same",
        .enabled(if: python != nil, "HUDDLE_TEST_PYTHON names no python with grpcio-tools"))
    func foreign() throws {
        let cases = Subject.all.flatMap { subject in
            (UInt64(0)..<20).map { (subject, Self.hexadecimal(subject.bytes($0))) }
        }
        let answers = try ask(cases.map { "again \($0.name) \($1)" })
        try #require(answers.count == cases.count)
        for ((subject, ours), theirs) in zip(cases, answers) {
            #expect(ours == theirs, "\(subject.name)")
        }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let file = folder.appending(path: "golden.txt")

    private static func recorded() throws -> [String: String] {
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return Dictionary(
            lines.map { line in
                let words = line.split(separator: " ", omittingEmptySubsequences: false)
                return (String(words[0]), String(words[1]))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The answers to `questions`, in their order.
    private func ask(_ questions: [String]) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.python))
        process.arguments = [
            Self.folder.appending(path: "golden.py").path(), ProtoFiles.folder.path(),
        ]
        let input = FileManager.default.temporaryDirectory
            .appending(path: "huddle-golden-\(UUID().uuidString)")
        try questions.joined(separator: "\n").write(to: input, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: input) }
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: answer, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).dropLast().map(String.init)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }

    private static func octets(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count - 1, by: 2) {
            let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
