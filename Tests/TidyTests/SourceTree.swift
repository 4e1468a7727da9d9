import Foundation

/// The project's own Swift files, as this checkout has them.
struct SourceTree {
    struct File {
        let path: String
        /// The directory under `Sources` or `Tests`.
        let target: String
        let lines: [String]
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every Swift file under `directory` (`Sources` or `Tests`), in the order of their paths.
    static func files(under directory: String) throws -> [File] {
        let base = root.appending(path: directory)
        let names = try FileManager.default.subpathsOfDirectory(atPath: base.path)
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let text = try String(contentsOf: base.appending(path: name), encoding: .utf8)
            return File(
                path: "\(directory)/\(name)", target: String(name.prefix { $0 != "/" }),
                lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(
                    String.init))
        }
    }
}
