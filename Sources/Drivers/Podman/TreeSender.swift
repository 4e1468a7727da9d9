import HostIO
import Ports

/// Sends what is in a directory as one of two passes, or measures what would be sent.
struct TreeSender {
    typealias Sink = @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    /// What the target is to have of an entry; `nil` where it is to have nothing.
    typealias Sight = @Sendable (TreeEntry) -> TreeEntry?

    private let sight: Sight
    /// How directories are to be seen once all is there.
    private let lastSight: Sight?
    private var directories: [TreeEntry] = []
    private let ends: Bool
    private let isMeasuring: Bool
    /// Bytes of what was sent, or would be.
    private(set) var size: UInt64 = 0
    /// Small files go many at a time.
    private var pending: [UInt8] = []

    private static let piece = 256 << 10

    /// - Parameters:
    ///   - sight: what the target is to have.
    ///   - lastSight: what it is to have of directories in the end, where that is something else; sent behind all else.
    ///   - ends: whether what is sent is an archive of its own; else another one follows it.
    ///   - isMeasuring: whether nothing is to be sent.
    init(
        seeing sight: @escaping Sight = { $0 }, atLast lastSight: Sight? = nil, ends: Bool = true,
        isMeasuring: Bool = false
    ) {
        self.sight = sight
        self.lastSight = lastSight
        self.ends = ends
        self.isMeasuring = isMeasuring
    }

    /// Sends all that is there, and notes what went; whether all of it could be noted.
    mutating func send(
        _ directory: String, noting pass: inout TreePass, into sink: Sink
    ) async throws(DriverFailure) -> Bool {
        let reader = TreeReader(directory)
        var first: [TreeEntry.Stamp.File: [UInt8]] = [:]
        while let entry = try await next(of: reader, directory) {
            guard !pass.isFull else {
                try await finish(into: sink)
                return false
            }
            var isSteady = true
            if let other = first[entry.stamp.file], entry.kind == .file {
                try await append(TreeArchive.head(of: entry, sameAs: other), into: sink)
            } else {
                isSteady = try await send(entry, of: reader, directory, into: sink)
                if isSteady, entry.kind == .file, entry.links > 1 {
                    first[entry.stamp.file] = entry.path
                }
            }
            pass.note(entry, isSteady: isSteady)
        }
        try await finish(into: sink)
        return true
    }

    /// Sends what is not as the first pass saw it, as the target has it then, and directories in any case: their times are others
    /// once something in them was replaced.
    mutating func send(
        _ directory: String, _ survey: TreeSurvey, changedSince pass: TreePass,
        into sink: Sink
    ) async throws(DriverFailure) {
        let reader = TreeReader(directory, isStill: true) { path, stamp in
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
        for entry in directories { try await append(TreeArchive.head(of: entry), into: sink) }
        try await finish(into: sink)
    }

    private static func unsteady(_ path: [UInt8]) -> DriverFailure {
        DriverFailure(
            .refused, "what a container wrote changes though it does not run",
            cause: path.isEmpty ? nil : String(decoding: path, as: UTF8.self))
    }

    /// Sends one thing with its content; whether that is what it was described as.
    private mutating func send(
        _ entry: TreeEntry, of reader: TreeReader, _ directory: String, into sink: Sink
    ) async throws(DriverFailure) -> Bool {
        try await append(TreeArchive.head(of: entry), into: sink)
        guard entry.kind == .file else { return true }
        if isMeasuring {
            size += entry.size + UInt64(TreeArchive.padding(after: entry.size).count)
            return true
        }
        var left = entry.size
        while let bytes = try await DriverFailure.reading(
            directory, { () async throws(FileFailure) in try await reader.content() })
        {
            left -= UInt64(bytes.count)
            try await append(bytes, into: sink)
        }
        let isSteady = try await DriverFailure.reading(directory) {
            () async throws(FileFailure) in try await reader.isSteady()
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
        size += UInt64(bytes.count)
        guard !isMeasuring else { return }
        pending += bytes
        if pending.count >= Self.piece { try await flush(into: sink) }
    }

    private mutating func finish(into sink: Sink) async throws(DriverFailure) {
        if ends { try await append(TreeArchive.end, into: sink) }
        try await flush(into: sink)
    }

    private mutating func flush(into sink: Sink) async throws(DriverFailure) {
        try await TransferFrame.write(data: pending, into: sink)
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func next(
        of reader: TreeReader, _ directory: String
    ) async throws(DriverFailure) -> TreeEntry? {
        while let entry = try await DriverFailure.reading(
            directory, { () async throws(FileFailure) in try await reader.next() })
        {
            guard let seen = sight(entry) else { continue }
            if entry.kind == .directory, let last = lastSight?(entry), last != seen {
                directories.append(last)
            }
            return seen
        }
        return nil
    }
}

extension TreeSender {
    /// For what of a layer nothing follows.
    static func ofLayer(isMeasuring: Bool = false) -> TreeSender {
        TreeSender(
            seeing: ContainerLayer.seenBefore, atLast: ContainerLayer.seen,
            isMeasuring: isMeasuring)
    }
}
