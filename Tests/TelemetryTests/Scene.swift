import Foundation
import Telemetry

/// Files of a kernel in a temporary directory, or one moment of a captured system; removed with its
/// last use.
final class Scene {
    private let directory: URL

    /// What samplers and readers are given; stays the same when the scene shows another moment.
    var files: KernelFiles { KernelFiles(root: root.path) }

    private var root: URL { directory.appending(path: "root") }

    /// A captured system, such as `v2/host`, at its first moment.
    init(captured name: String) throws {
        directory = try Self.makeDirectory()
        try show(name, moment: 1)
    }

    /// A system of the given files, by absolute path.
    init(_ contents: [String: String]) throws {
        directory = try Self.makeDirectory()
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        for (path, content) in contents { try write(content, to: path) }
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Shows a captured system at one of its two moments.
    func show(_ name: String, moment: Int) throws {
        try? FileManager.default.removeItem(at: root)
        try FileManager.default.createSymbolicLink(
            at: root, withDestinationURL: Self.captured.appending(path: "\(name)/\(moment)"))
    }

    func write(_ content: String, to path: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: file)
    }

    func link(_ path: String, to destination: String) throws {
        let link = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: link.path, withDestinationPath: destination)
    }

    func remove(_ path: String) throws {
        try FileManager.default.removeItem(at: root.appending(path: path))
    }

    /// Nanoseconds since the boot of the captured system, as it said itself at the moment shown.
    var uptime: UInt64 {
        let centiseconds = files.read("/proc/uptime") { text -> UInt64? in
            guard let seconds = text.number(), text.skip("."), let rest = text.number() else {
                return nil
            }
            return seconds * 100 + rest
        }
        return (centiseconds ?? 0) * 10_000_000
    }

    private static let captured = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Captured")

    private static func makeDirectory() throws -> URL {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "huddle-telemetry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }
}
