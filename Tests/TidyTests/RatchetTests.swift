import Foundation
import Testing

@Suite("Files stay small and words stay chosen") struct RatchetTests {
    /// Most lines of one file.
    private static let fileLines = 400

    /// Words that say nothing of a responsibility, and what to say in their place.
    private static let hollow = [
        "Manager": "what it keeps: Ledger, Roster, Journal",
        "Helper": "what it does", "Utils": "the type it extends", "Extras": "its aspect",
        "Common": "what is common", "Base": "the protocol",
    ]

    /// Forms that are refused in sources, and why.
    private static let refused = [
        "try!": "say what happens on failure",
        "fatalError(": "preconditions carry the values",
        "nonisolated(unsafe)": "a Mutex, or an actor",
        "Task.detached": "a task group that owns it",
        "DispatchQueue": "structured concurrency",
    ]

    @Test("no file is longer than 400 lines", arguments: ["Sources", "Tests"])
    func length(directory: String) throws {
        for file in try SourceTree.files(under: directory) {
            #expect(
                file.lines.count <= Self.fileLines, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test("no file is named for nothing")
    func names() throws {
        for file in try SourceTree.files(under: "Sources") {
            let name = file.path.split(separator: "/").last.map(String.init) ?? ""
            for (word, instead) in Self.hollow {
                #expect(!name.hasSuffix(word + ".swift"), "\(file.path): name \(instead)")
            }
        }
    }

    @Test("nothing refused stands in sources")
    func forms() throws {
        for file in try SourceTree.files(under: "Sources") {
            for (number, line) in file.lines.enumerated() {
                let code = line.range(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
                for (form, instead) in Self.refused where code.contains(form) {
                    Issue.record("\(file.path):\(number + 1): \(form) – \(instead)")
                }
            }
        }
    }

    @Test("every @unchecked Sendable says its invariant")
    func unchecked() throws {
        for file in try SourceTree.files(under: "Sources") {
            for (number, line) in file.lines.enumerated() where line.contains("@unchecked Sendable")
            {
                let before = file.lines[max(0, number - 8)..<number].joined(separator: "\n")
                #expect(
                    before.contains("nvariant"),
                    "\(file.path):\(number + 1): no invariant is written down")
            }
        }
    }
}
