/// One thing wrong with a file: where it stands, what is wrong, and what to write instead.
package struct SpecProblem: Error, Hashable, Sendable {
    /// The file's name as the user gave it; `-` is standard input.
    package let file: String
    package let place: Place
    /// Path of the field, such as `size.cpu` or `ports[1].to`; empty when no field is meant.
    package let field: String
    package let problem: String
    /// What to write instead; `nil` where nothing better than the problem can be said.
    package let suggestion: String?

    /// Lines and columns count from 1; a column is a Unicode scalar, as editors count them.
    package struct Place: Hashable, Comparable, Sendable {
        package let line: Int
        package let column: Int

        package init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }

        package static func < (a: Place, b: Place) -> Bool {
            (a.line, a.column) < (b.line, b.column)
        }
    }

    package init(
        file: String, place: Place, field: String, problem: String, suggestion: String? = nil
    ) {
        self.file = file
        self.place = place
        self.field = field
        self.problem = problem
        self.suggestion = suggestion
    }

    package var line: Int { place.line }
    package var column: Int { place.column }
}

extension SpecProblem: CustomStringConvertible {
    /// One line in the form that editors and terminals turn into a link.
    package var description: String {
        let subject = field.isEmpty ? "" : "\(field): "
        let advice = suggestion.map { " (\($0))" } ?? ""
        return "\(file):\(line):\(column): \(subject)\(problem)\(advice)"
    }
}

/// Everything wrong with the files of one command; nothing of them is to be used.
package struct SpecFailure: Error, Hashable, Sendable {
    /// In the order of files, then of places.
    package let problems: [SpecProblem]

    package init(problems: [SpecProblem]) { self.problems = problems }
}
