import Foundation
import Testing

@Suite("Imports follow the design's table") struct ImportTests {
    @Test("every import under Sources is in the table")
    func imports() throws {
        let table = Dictionary(
            uniqueKeysWithValues: ImportTable.rows.map { ($0.target, $0.imports) })
        let files = try SourceTree.files(under: "Sources")
        #expect(!files.isEmpty)
        for file in files {
            let allowed = try #require(
                table[file.target], "\(file.path): no row for \(file.target)")
            for module in file.lines.compactMap(Self.module) {
                let isToolchain =
                    !ImportTable.pure.contains(file.target)
                    && ImportTable.toolchain.contains(module)
                #expect(
                    allowed.contains(module) || isToolchain,
                    "\(file.path) imports \(module), which its row does not have")
            }
        }
    }

    @Test("every directory under Sources has a row, and every row a directory")
    func directories() throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: SourceTree.root.appending(path: "Sources").path)
        let known = Set(ImportTable.rows.map(\.target)).union(ImportTable.foreign)
        #expect(Set(names) == known)
    }

    @Test("rows name only targets below them")
    func downwards() {
        var below: Set<String> = []
        let own = Set(ImportTable.rows.map(\.target))
        for row in ImportTable.rows {
            #expect(
                row.imports.intersection(own).isSubset(of: below), "\(row.target) points upwards")
            below.insert(row.target)
        }
    }

    /// The module of an import line, whatever stands before the word.
    private static func module(_ line: String) -> String? {
        let words = line.split(separator: " ").map(String.init)
        guard let place = words.firstIndex(of: "import"), words.count > place + 1 else {
            return nil
        }
        guard
            words[..<place].allSatisfy({
                ["package", "public", "internal", "private", "@preconcurrency"].contains($0)
            })
        else { return nil }
        return words[place + 1].split(separator: ".").first.map(String.init)
    }
}
