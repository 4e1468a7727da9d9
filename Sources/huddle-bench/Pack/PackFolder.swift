import Foundation
import Planner

/// The `.vbp` files below a folder, in the order of their names.
enum PackFolder {
    struct File {
        /// Path below the folder, without the ending.
        let name: String
        let url: URL

        func problem() throws -> PackingProblem {
            let text: [UInt8]
            do { text = Array(try Data(contentsOf: url)) } catch {
                throw PackFailure(description: "\(url.path): cannot be read")
            }
            do { return try PackingText.problem(text) } catch {
                throw PackFailure(description: "\(url.path): \(error)")
            }
        }
    }

    static func files(below folder: String) throws -> [File] {
        guard let paths = FileManager.default.enumerator(atPath: folder) else {
            throw PackFailure(description: "\(folder): no such folder")
        }
        let root = URL(filePath: folder, directoryHint: .isDirectory)
        return paths.compactMap { $0 as? String }
            .filter { $0.hasSuffix(".vbp") }
            .sorted()
            .map { File(name: String($0.dropLast(4)), url: root.appending(path: $0)) }
    }
}
