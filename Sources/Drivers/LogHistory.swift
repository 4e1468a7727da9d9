import HostIO
import Ports

/// What an instance wrote on hosts where it was before, in a file beside it; the last of it says whence it came here.
///
/// In frames, as Podman sends logs (`PodmanFrames`), so that both streams stay apart.
struct LogHistory: Hashable, Sendable {
    let path: String

    /// Takes the place of what was there.
    func keep(_ lines: [LogChunk], marker: String) async throws(DriverFailure) {
        var tail = LogTail()
        for chunk in lines { tail.append(chunk) }
        let kept = tail.lines
        // A line that was under way stays apart from the marker.
        let isWhole = (kept.last?.bytes.last).map { $0 == UInt8(ascii: "\n") } ?? true
        let last = LogChunk(.output, Array(((isWhole ? "" : "\n") + marker + "\n").utf8))
        let content = (kept + [last]).flatMap(\.frame)
        do throws(FileFailure) {
            // Whole or not at all, and not waiting for the disk: a move is at its end while this is written.
            try await FileChunks(writing: path + ".new").append(content)
            try HostFile.move(path + ".new", to: path)
        } catch {
            throw DriverFailure(vm: error, doing: "keep an earlier log")
        }
    }

    /// All of it, the marker last; nothing where the instance began on this host.
    func chunks() async throws(DriverFailure) -> [LogChunk] {
        var frames = PodmanFrames()
        var chunks: [LogChunk] = []
        do {
            let file = try FileChunks(reading: path)
            while let bytes = try await file.next() { chunks += try frames.append(bytes) }
        } catch let failure as FileFailure {
            if failure.isMissing { return [] }
            throw DriverFailure(vm: failure, doing: "read an earlier log")
        } catch let failure as DriverFailure {
            throw failure
        } catch {
            throw DriverFailure(.refused, "could not read an earlier log", cause: "\(error)")
        }
        return chunks
    }

    func remove() async throws(DriverFailure) {
        do throws(FileFailure) { try await HostFile.erase(path) } catch {
            throw DriverFailure(vm: error, doing: "remove an earlier log")
        }
    }
}

extension LogChunk {
    /// As `PodmanFrames` reads it; a piece of a log is far below the largest frame.
    fileprivate var frame: [UInt8] {
        let length = UInt32(bytes.count)
        return [stream == .error ? 2 : 1, 0, 0, 0]
            + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + bytes
    }
}

extension [LogChunk] {
    /// How many lines end in it.
    var lineCount: Int {
        reduce(0) { sum, chunk in sum + chunk.bytes.count { $0 == UInt8(ascii: "\n") } }
    }

    /// The same without its first `count` lines, whichever stream they are of.
    func dropping(lines count: Int) -> [LogChunk] {
        var skip = count
        return compactMap { chunk -> LogChunk? in
            var rest = chunk.bytes[...]
            while skip > 0, let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                rest = rest[(newline + 1)...]
                skip -= 1
            }
            guard skip == 0, !rest.isEmpty else { return nil }
            return LogChunk(chunk.stream, [UInt8](rest))
        }
    }

    /// The part that reading from `start` begins with, where the instance has written `own` lines here since.
    func beginning(at start: LogStart, before own: Int) -> [LogChunk] {
        switch start {
        case .oldest: self
        case .arrival: suffix(1)
        case .tail(let lines): dropping(lines: lineCount - Swift.max(0, Swift.max(0, lines) - own))
        }
    }
}
