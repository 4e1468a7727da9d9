import Foundation

/// Rows of comma-separated values under a line of names; a number that is not one is an error with file and line.
struct OpenBTable {
    let file: String
    private let columns: [String: Int]
    private let rows: [(line: Int, fields: [String])]

    /// One row, its fields found by their columns' names.
    struct Row {
        fileprivate let table: OpenBTable
        let line: Int
        fileprivate let fields: [String]

        func refuse(_ problem: String) -> UnusableFile {
            UnusableFile(file: table.file, line: line, problem: problem)
        }

        func text(_ column: String) throws -> String {
            guard let place = table.columns[column] else {
                throw UnusableFile(file: table.file, line: 1, problem: "no column \(column)")
            }
            return fields[place]
        }

        func number(_ column: String, in range: ClosedRange<Int64>) throws -> Int64 {
            let text = try text(column)
            guard let number = Int64(text), range.contains(number) else {
                throw refuse(
                    "\(column) '\(text.prefix(30))' is not a whole number from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return number
        }
    }

    init(file: String) throws {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw UnusableFile(file: file, problem: "not a file that can be read")
        }
        try self.init(text: String(decoding: bytes, as: UTF8.self), file: file)
    }

    init(text: String, file: String) throws {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
            }
        if lines.last == [""] { lines.removeLast() }
        guard let names = lines.first, names != [""] else {
            throw UnusableFile(file: file, line: 1, problem: "no names of columns")
        }
        var columns: [String: Int] = [:]
        for (place, name) in names.enumerated() {
            guard columns.updateValue(place, forKey: name) == nil else {
                throw UnusableFile(file: file, line: 1, problem: "column \(name) twice")
            }
        }
        for (place, fields) in lines.enumerated() where fields.count != names.count {
            throw UnusableFile(
                file: file, line: place + 1,
                problem: "\(fields.count) fields; the first line names \(names.count)")
        }
        self.file = file
        self.columns = columns
        rows = lines.enumerated().dropFirst().map { (line: $0.offset + 1, fields: $0.element) }
        guard !rows.isEmpty else { throw UnusableFile(file: file, problem: "no rows") }
    }

    func map<Value>(_ transform: (Row) throws -> Value) throws -> [Value] {
        try rows.map { try transform(Row(table: self, line: $0.line, fields: $0.fields)) }
    }
}
