import Foundation

/// A directory for one test's store, removed with everything in it.
struct StoreDirectory: ~Copyable {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("huddle-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    var path: String { directory.path }

    /// Where the store goes.
    var file: String { path + "/state.db" }

    func url(_ name: String) -> URL { directory.appendingPathComponent(name) }
}

/// The size of a file in bytes; zero if there is none.
func size(of path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
}
