import CZlib
import Foundation

/// Text files, packed by gzip or not.
enum Gunzip {
    struct Unreadable: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) cannot be read" }
    }

    /// The lines of the file at `path`, which zlib reads as they are if they are not packed.
    static func lines(of path: String) throws -> [String] {
        guard let file = gzopen(path, "rb") else { throw Unreadable(path: path) }
        defer { gzclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1_024)
        while true {
            let count = gzread(file, &chunk, UInt32(chunk.count))
            guard count >= 0 else { throw Unreadable(path: path) }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<Int(count)])
        }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map(String.init)
    }
}
