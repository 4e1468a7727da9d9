import HostIO
import Ports

/// Sends a volume as one of two passes.
struct TreeSender {
    typealias Sink = @Sendable ([UInt8]) async throws(DriverFailure) -> Void

    /// Small files go many at a time.
    private var pending: [UInt8] = []

    private static let piece = 256 << 10

    /// Sends all that is there, and notes what went; whether all of it could be noted.
    mutating func send(
        _ directory: String, noting pass: inout VolumePass, into sink: Sink
    ) async throws(DriverFailure) -> Bool {
        let reader = TreeReader(directory)
        var first: [TreeEntry.Stamp.File: [UInt8]] = [:]
        while let entry = try await next(of: reader, directory) {
            guard !pass.isFull else {
                try await finish(into: sink)
                return false
            }
            if let other = first[entry.stamp.file], entry.kind == .file {
                try await append(TreeArchive.head(of: entry, sameAs: other), into: sink)
            } else {
                guard try await send(entry, of: reader, directory, into: sink) else { continue }
                if entry.kind == .file, entry.links > 1 { first[entry.stamp.file] = entry.path }
            }
            pass.note(entry.path, entry.stamp)
        }
        try await finish(into: sink)
        return true
    }

    /// Sends what is not as the first pass saw it, as the target has it then, and directories in any case: their times are others
    /// once something in them was replaced.
    mutating func send(
        _ directory: String, _ survey: VolumeSurvey, changedSince pass: VolumePass,
        into sink: Sink
    ) async throws(DriverFailure) {
        let reader = TreeReader(directory) { path, stamp in
            survey.hasChanged(path, stamp, since: pass)
        }
        var first: [TreeEntry.Stamp.File: [UInt8]] = [:]
        var count = 0
        while let entry = try await next(of: reader, directory) {
            // Nobody writes there any more; what the target was told of has to come, or to be there.
            guard survey.names.kinds[entry.path] == entry.kind else {
                throw Self.unsteady(entry.path)
            }
            count += 1
            let isChanged = survey.hasChanged(entry.path, entry.stamp, since: pass)
            guard isChanged || entry.kind == .directory else { continue }
            if let other = first[entry.stamp.file], entry.kind == .file {
                try await append(TreeArchive.head(of: entry, sameAs: other), into: sink)
                continue
            }
            guard try await send(entry, of: reader, directory, into: sink) else {
                throw Self.unsteady(entry.path)
            }
            if entry.kind == .file, entry.links > 1 { first[entry.stamp.file] = entry.path }
        }
        guard count == survey.names.kinds.count else { throw Self.unsteady([]) }
        try await finish(into: sink)
    }

    private static func unsteady(_ path: [UInt8]) -> DriverFailure {
        DriverFailure(
            .refused, "what a volume has changes though its container does not run",
            cause: path.isEmpty ? nil : String(decoding: path, as: UTF8.self))
    }

    /// Sends one thing with its content; whether that is what it was described as.
    private mutating func send(
        _ entry: TreeEntry, of reader: TreeReader, _ directory: String, into sink: Sink
    ) async throws(DriverFailure) -> Bool {
        try await append(TreeArchive.head(of: entry), into: sink)
        guard entry.kind == .file else { return true }
        var left = entry.size
        while let bytes = try await content(of: reader, directory) {
            left -= UInt64(bytes.count)
            try await append(bytes, into: sink)
        }
        let isSteady = try await doing(directory) { () async throws(FileFailure) in
            try await reader.isSteady()
        }
        // It became shorter meanwhile; its head is out.
        while left > 0 {
            let count = min(left, UInt64(Self.piece))
            try await append([UInt8](repeating: 0, count: Int(count)), into: sink)
            left -= count
        }
        try await append(TreeArchive.padding(after: entry.size), into: sink)
        return isSteady
    }

    private mutating func append(_ bytes: [UInt8], into sink: Sink) async throws(DriverFailure) {
        pending += bytes
        if pending.count >= Self.piece { try await flush(into: sink) }
    }

    private mutating func finish(into sink: Sink) async throws(DriverFailure) {
        pending += TreeArchive.end
        try await flush(into: sink)
    }

    private mutating func flush(into sink: Sink) async throws(DriverFailure) {
        try await TransferFrame.write(data: pending, into: sink)
        pending.removeAll(keepingCapacity: true)
    }

    private func next(
        of reader: TreeReader, _ directory: String
    ) async throws(DriverFailure) -> TreeEntry? {
        try await doing(directory) { () async throws(FileFailure) in try await reader.next() }
    }

    private func content(
        of reader: TreeReader, _ directory: String
    ) async throws(DriverFailure) -> [UInt8]? {
        try await doing(directory) { () async throws(FileFailure) in try await reader.content() }
    }

    private func doing<Value: Sendable>(
        _ directory: String, _ work: () async throws(FileFailure) -> Value
    ) async throws(DriverFailure) -> Value {
        do throws(FileFailure) { return try await work() } catch {
            throw DriverFailure(vm: error, doing: "read \(directory)")
        }
    }
}
