import Foundation
import FuzzTargets

/// What fuzzers found worth keeping: inputs that reach different code, and those that once broke a promise.
enum Corpus {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "FuzzTargets/Corpus")

    /// One input a line, in hexadecimal.
    static func inputs(of target: FuzzTarget) throws -> [[UInt8]] {
        let file = directory.appending(path: "\(target.name).txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            let digits = Array(line.utf8)
            return stride(from: 0, to: digits.count, by: 2).map { place in
                UInt8(String(decoding: digits[place...].prefix(2), as: UTF8.self), radix: 16) ?? 0
            }
        }
    }
}
