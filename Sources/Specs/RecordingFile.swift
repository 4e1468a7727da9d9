package import Wire

/// A file that `huddle record` writes: a header, then entries, each behind its length.
package enum RecordingFile {
    /// The version is the number at its end.
    package static let header: [UInt8] = Array("huddle-recording 1\n".utf8)

    /// Why bytes are no recording.
    package struct Failure: Error, Hashable, Sendable {
        package let problem: String
    }

    /// One entry with its length before it, four bytes, the most significant first.
    package static func framed(_ entry: [UInt8]) -> [UInt8] {
        let length = UInt32(clamping: entry.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) } + entry
    }

    package static func read(_ bytes: [UInt8]) throws(Failure) -> [RecordEntry] {
        guard bytes.starts(with: header) else {
            let isOther = bytes.starts(with: header.prefix(17))
            throw Failure(
                problem: isOther
                    ? "it was recorded by another version of huddle" : "it is no recording")
        }
        var entries: [RecordEntry] = []
        var place = header.count
        while place < bytes.count {
            guard place + 4 <= bytes.count else { throw cut(entries.count) }
            let length = bytes[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
            place += 4
            guard length <= bytes.count - place else { throw cut(entries.count) }
            do throws(WireFault) {
                entries.append(
                    try RecordEntry(decoding: Array(bytes[place..<(place + length)])))
            } catch {
                throw Failure(problem: "entry \(entries.count + 1) cannot be read: \(error)")
            }
            place += length
        }
        return entries
    }

    private static func cut(_ whole: Int) -> Failure {
        Failure(problem: "it is cut off after entry \(whole)")
    }
}
