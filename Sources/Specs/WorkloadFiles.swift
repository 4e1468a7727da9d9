package import ClusterModel

/// A text with the name it goes by in problems.
package struct SpecText: Hashable, Sendable {
    /// The file's name as the user gave it; `-` is standard input.
    package let file: String
    package let text: String

    package init(file: String, text: String) {
        self.file = file
        self.text = text
    }
}

/// Reads the workloads of all files of one command; one problem anywhere and none of them is used.
package enum WorkloadFiles {
    /// The workloads in the order of files and documents.
    package static func read(_ files: [SpecText]) throws(SpecFailure) -> [Workload] {
        var workloads: [Workload] = []
        var problems: [SpecProblem] = []
        var firsts: [String: String] = [:]
        for file in files {
            let documents = YAMLDocuments(text: file.text, file: file.file)
            problems += documents.problems
            for document in documents.values {
                var reading = WorkloadReading(document: document, file: file.file)
                let workload = reading.read()
                problems += reading.problems
                if let name = reading.name {
                    let here = "\(file.file):\(name.place.line):\(name.place.column)"
                    if let first = firsts[name.text] {
                        problems.append(
                            SpecProblem(
                                file: file.file, place: name.place, field: "name",
                                problem:
                                    "'\(name.text)' is already the name of a workload at \(first)",
                                suggestion: "give each workload its own name"))
                    }
                    firsts[name.text] = firsts[name.text] ?? here
                }
                if let workload { workloads.append(workload) }
            }
        }
        guard problems.isEmpty else { throw SpecFailure(problems: sorted(problems, as: files)) }
        return workloads
    }

    private static func sorted(_ problems: [SpecProblem], as files: [SpecText]) -> [SpecProblem] {
        var rank: [String: Int] = [:]
        for (index, file) in files.enumerated() { rank[file.file] = rank[file.file] ?? index }
        let ordered = problems.enumerated().sorted { a, b in
            let left = (rank[a.element.file] ?? 0, a.element.line, a.element.column, a.offset)
            let right = (rank[b.element.file] ?? 0, b.element.line, b.element.column, b.offset)
            return left < right
        }
        return ordered.prefix(SpecLimits.problems).map(\.element)
    }
}
