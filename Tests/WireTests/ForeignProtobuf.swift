import Foundation
import Testing

/// Google's own protobuf, from PyPI, with our proto files (golden.py).
enum ForeignProtobuf {
    static let python = ProcessInfo.processInfo.environment["HUDDLE_TEST_PYTHON"]

    /// The answers to `questions`, in their order.
    static func ask(_ questions: [String]) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: try #require(python))
        let program = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "golden.py")
        process.arguments = [program.path(), ProtoFiles.folder.path()]
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

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func octets(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        return try? stride(from: 0, to: digits.count, by: 2).map { index in
            let (high, low) = (try #require(digits[index]), try #require(digits[index + 1]))
            return UInt8(high << 4 | low)
        }
    }
}
