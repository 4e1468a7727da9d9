import ClusterModel
import HostIO
import Ports

/// What a VM wrote to its serial console, kept by QEMU whether anybody listens or not.
///
/// QEMU appends for ever; the log is cut from outside, which an appending writer does not notice.
struct VMLog: Sendable {
    private let directory: VMDirectory
    /// What came along with its last move.
    let history: LogHistory

    init(_ directory: VMDirectory) {
        self.directory = directory
        history = LogHistory(path: directory.history)
    }

    /// Moves a log that has grown past its bound aside, over what was moved before.
    ///
    /// What QEMU writes between the copy and the cut is lost; no more than a few lines of a guest
    /// that floods.
    func shorten() async {
        guard let log = HostFile.status(of: directory.log), log.size > DriverLimits.log.count else {
            return
        }
        do throws(FileFailure) {
            let source = try FileChunks(reading: directory.log, trusted: false)
            let target = try FileChunks(writing: directory.olderLog)
            while let bytes = try await source.next() { try await target.append(bytes) }
            try HostFile.truncate(directory.log)
        } catch {
            // The next look tries again; a full disk is told by whoever needs room on it.
            return
        }
    }

    /// Sends what there is, from `start` on; then what is added, until `continuing` says no.
    func send(
        from start: LogStart, continuing: () -> Bool,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        var skip = 0
        var own = 0
        if case .tail(let lines) = start {
            own = try await countLines()
            skip = max(0, own - max(0, lines))
        }
        for chunk in try await history.chunks().beginning(at: start, before: own) {
            try await sink(chunk)
        }
        if let older = try open(directory.olderLog) {
            try await copy(older, skipping: &skip, into: sink)
        }
        guard let log = try open(directory.log) else { return }
        var sent = try await copy(log, skipping: &skip, into: sink)
        // Asked every 100 ms: the writer is another process, and the log may be cut under us.
        while continuing() {
            do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
            if log.length < sent {
                log.seek(to: 0)
                sent = 0
            }
            sent += try await copy(log, skipping: &skip, into: sink)
        }
        try await copy(log, skipping: &skip, into: sink)
    }

    /// Removes all of it, before another copy of the VM comes here: what an earlier one wrote is no part of its log.
    func clear() async throws(DriverFailure) {
        do throws(FileFailure) {
            for path in [directory.log, directory.olderLog, directory.history] {
                try await HostFile.erase(path)
            }
        } catch {
            throw DriverFailure(vm: error, doing: "clear the log of \(directory.instance)")
        }
    }

    /// The last lines QEMU itself wrote; `nil` when there are none.
    func lastComplaint() -> String? {
        guard let text = try? HostFile.text(directory.complaints) else { return nil }
        let lines = text.split(separator: "\n").suffix(DriverLimits.reasonLines)
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    /// Sends from where the file was left to its end, without the first `skip` lines; returns how
    /// much was read.
    @discardableResult
    private func copy(
        _ file: FileChunks, skipping skip: inout Int,
        into sink: @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) -> UInt64 {
        var count: UInt64 = 0
        while let bytes = try await next(file) {
            count += UInt64(bytes.count)
            var rest = bytes[...]
            while skip > 0, let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                rest = rest[(newline + 1)...]
                skip -= 1
            }
            if skip == 0, !rest.isEmpty { try await sink(LogChunk(.output, Array(rest))) }
        }
        return count
    }

    private func countLines() async throws(DriverFailure) -> Int {
        var count = 0
        for path in [directory.olderLog, directory.log] {
            guard let file = try open(path) else { continue }
            while let bytes = try await next(file) {
                count += bytes.count { $0 == UInt8(ascii: "\n") }
            }
        }
        return count
    }

    private func open(_ path: String) throws(DriverFailure) -> FileChunks? {
        do throws(FileFailure) {
            return try FileChunks(reading: path, trusted: false)
        } catch {
            if error.isMissing { return nil }
            throw DriverFailure(vm: error, doing: "read the console's log")
        }
    }

    private func next(_ file: FileChunks) async throws(DriverFailure) -> [UInt8]? {
        do throws(FileFailure) {
            return try await file.next()
        } catch {
            throw DriverFailure(vm: error, doing: "read the console's log")
        }
    }
}
