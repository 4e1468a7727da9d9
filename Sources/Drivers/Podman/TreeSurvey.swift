import HostIO
import Ports

/// What is in a directory when its container has stopped, looked at before anything of it is sent.
struct TreeSurvey: Sendable {
    private(set) var names = TreeNames()
    /// Files of several names of which one is not as the first pass saw it: all of their names go, as names of one file.
    private var shared: Set<TreeEntry.Stamp.File> = []

    init() {}

    /// `nil` where it has more names than can be kept in mind.
    init?(of directory: String, since pass: TreePass) async throws(DriverFailure) {
        let reader = TreeReader(directory, isStill: true) { _, _ in false }
        while let entry = try await DriverFailure.reading(
            directory, { () async throws(FileFailure) in try await reader.next() })
        {
            note(entry, since: pass)
            guard !names.areTooMany else { return nil }
        }
    }

    mutating func note(_ entry: TreeEntry, since pass: TreePass) {
        names.note(entry.path, entry.kind)
        if entry.kind == .file, entry.links > 1, !pass.has(entry.path, entry.stamp) {
            shared.insert(entry.stamp.file)
        }
    }

    func hasChanged(
        _ path: [UInt8], _ stamp: TreeEntry.Stamp, since pass: TreePass
    ) -> Bool {
        !pass.has(path, stamp) || shared.contains(stamp.file)
    }
}
