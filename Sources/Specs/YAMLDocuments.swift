import Yams

/// The documents of one YAML text; a broken one is reported and leaves the others readable.
struct YAMLDocuments {
    let values: [YAMLValue]
    let problems: [SpecProblem]

    init(text: String, file: String) {
        var values: [YAMLValue] = []
        var problems: [SpecProblem] = []
        let pieces = Self.split(text)
        if text.utf8.count > SpecLimits.fileBytes || pieces.count > SpecLimits.documents {
            self.values = []
            self.problems = [
                SpecProblem(
                    file: file, place: .init(line: 1, column: 1), field: "",
                    problem:
                        "larger than \(SpecLimits.fileBytes >> 20) MiB "
                        + "or \(SpecLimits.documents) documents",
                    suggestion: "spread the documents over several files")
            ]
            return
        }
        for piece in pieces {
            do {
                if let value = try Self.parse(piece) { values.append(value) }
            } catch {
                problems.append(
                    SpecProblem(
                        file: file, place: error.place, field: "", problem: error.problem,
                        suggestion: error.suggestion))
            }
        }
        self.values = values
        self.problems = problems
    }

    /// Text of one document and the number of lines before it.
    private struct Piece {
        var text: String
        let lineOffset: Int
    }

    /// Cuts at document markers, which YAML keeps free of any other meaning at the start of a line.
    /// - Source: YAML 1.2.2, section 9.1.2.
    private static func split(_ text: String) -> [Piece] {
        var pieces: [Piece] = [Piece(text: "", lineOffset: 0)]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() {
            if line == "---" || line == "---\r" || line.hasPrefix("--- ") {
                pieces.append(Piece(text: "", lineOffset: number))
            }
            pieces[pieces.count - 1].text += line + "\n"
        }
        return pieces
    }

    private static func parse(_ piece: Piece) throws(YAMLConversion.Failure) -> YAMLValue? {
        let node: Node?
        do {
            node = try Parser(yaml: piece.text).singleRoot()
        } catch {
            throw failure(error, in: piece)
        }
        guard let node else { return nil }
        if case .scalar(let scalar) = node, scalar.string.isEmpty, scalar.style == .plain {
            return nil
        }
        var conversion = YAMLConversion(lineOffset: piece.lineOffset)
        return try conversion.convert(node)
    }

    /// Foreign errors end here.
    private static func failure(_ error: any Error, in piece: Piece) -> YAMLConversion.Failure {
        func failure(_ mark: Mark, _ problem: String, _ advice: String? = nil)
            -> YAMLConversion.Failure
        {
            .init(
                place: .init(line: mark.line + piece.lineOffset, column: mark.column),
                problem: problem, suggestion: advice)
        }
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _):
            let tab = problem.contains("cannot start any token")
            return failure(
                mark, problem,
                tab ? "indent with spaces; quote values that start with @, ` or %" : nil)
        case .parser(_, let problem, let mark, _):
            return failure(mark, problem, "check the indentation and the brackets before it")
        case .composer(_, let problem, let mark, _):
            return failure(mark, problem)
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let mark = context.mark
            return .init(
                place: second(key, in: piece, after: mark),
                problem: "the key '\(key)' is given twice",
                suggestion: "first given in line \(mark.line + piece.lineOffset)")
        case .reader(let problem, _, _, _):
            return .init(
                place: .init(line: piece.lineOffset + 1, column: 1), problem: problem,
                suggestion: "write the file as UTF-8")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded, nil:
            return .init(
                place: .init(line: piece.lineOffset + 1, column: 1), problem: "is not YAML",
                suggestion: nil)
        }
    }

    /// The place of the second `key`: Yams only tells that of the first.
    private static func second(_ key: String, in piece: Piece, after mark: Mark)
        -> SpecProblem.Place
    {
        let lines = piece.text.split(separator: "\n", omittingEmptySubsequences: false)
        let indented = String(repeating: " ", count: mark.column - 1) + key
        for (index, line) in lines.enumerated().dropFirst(mark.line) where line.hasPrefix(indented)
        {
            if line.dropFirst(indented.count).first == ":" {
                return .init(line: index + 1 + piece.lineOffset, column: mark.column)
            }
        }
        return .init(line: mark.line + piece.lineOffset, column: mark.column)
    }
}
