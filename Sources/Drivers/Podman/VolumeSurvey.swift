import HostIO
import Ports

/// What is in a volume when its container has stopped, looked at before anything of it is sent.
struct VolumeSurvey: Sendable {
    private(set) var names = VolumeNames()
    /// Files of several names of which one is not as the first pass saw it: all of their names go, as names of one file.
    private var shared: Set<TreeEntry.Stamp.File> = []

    /// `nil` where it has more names than can be kept in mind.
    init?(of directory: String, since pass: VolumePass) async throws(DriverFailure) {
        let reader = TreeReader(directory) { _, _ in false }
        do throws(FileFailure) {
            while let entry = try await reader.next() {
                names.note(entry.path, entry.kind)
                guard !names.areTooMany else { return nil }
                if entry.kind == .file, entry.links > 1, !pass.has(entry.path, entry.stamp) {
                    shared.insert(entry.stamp.file)
                }
            }
        } catch {
            throw DriverFailure(vm: error, doing: "read \(directory)")
        }
    }

    func hasChanged(
        _ path: [UInt8], _ stamp: TreeEntry.Stamp, since pass: VolumePass
    ) -> Bool {
        !pass.has(path, stamp) || shared.contains(stamp.file)
    }
}
