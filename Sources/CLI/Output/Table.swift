/// Rows and columns for people: no lines, no boxes, two blanks between columns.
struct Table {
    private let columns: [Column]
    private var rows: [[Cell]] = []

    /// A column's title and how its cells stand in it.
    struct Column {
        let title: String
        let isNumber: Bool

        /// Text begins at the left.
        static func text(_ title: String) -> Column { Column(title: title, isNumber: false) }

        /// Numbers end at the right, so that their digits stand below one another.
        static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
    }

    /// A text and the tone it is shown in; the tone never says what the text does not.
    struct Cell: ExpressibleByStringLiteral {
        let text: String
        let tone: Tone

        init(_ text: String, _ tone: Tone = .plain) {
            // A line break from elsewhere would tear the table.
            self.text = text.split(whereSeparator: \.isNewline).joined(separator: " ")
            self.tone = tone
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    init(_ columns: Column...) { self.columns = columns }

    mutating func add(_ cells: Cell...) { rows.append(cells) }

    /// The table as text; `width` is the terminal's, and nothing is cut without one.
    func text(width: Int?, colour: Bool) -> String {
        let widths = self.widths(within: width)
        let head = line(columns.map { Cell($0.title, .dim) }, widths, colour)
        return ([head] + rows.map { line($0, widths, colour) }).map { $0 + "\n" }.joined()
    }

    private static let gap = 2
    /// No column is cut below this, so that a name stays recognisable.
    private static let narrowest = 12

    private func widths(within limit: Int?) -> [Int] {
        var widths = columns.enumerated().map { index, column in
            rows.map { $0[index].text.count }.reduce(column.title.count, max)
        }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - limit
        while excess > 0 {
            let candidates = widths.indices.filter { !columns[$0].isNumber }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }),
                widths[widest] > Self.narrowest
            else { break }
            let cut = min(excess, widths[widest] - Self.narrowest)
            widths[widest] -= cut
            excess -= cut
        }
        return widths
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ colour: Bool) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let width = widths[index]
            let text = cell.text.count > width ? cell.text.prefix(width - 1) + "…" : cell.text
            let padding = String(repeating: " ", count: width - text.count)
            let isLast = index == cells.count - 1
            let shown = cell.tone.applied(to: text, colour: colour)
            line += columns[index].isNumber ? padding + shown : shown + (isLast ? "" : padding)
            if !isLast { line += String(repeating: " ", count: Self.gap) }
        }
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}

/// How a word is shown on a terminal that has colours.
enum Tone {
    case plain
    case dim
    case good
    case warning
    case bad

    func applied(to text: String, colour: Bool) -> String {
        guard colour, !text.isEmpty else { return text }
        return switch self {
        case .plain: text
        case .dim: "\u{1B}[2m\(text)\u{1B}[0m"
        case .good: "\u{1B}[32m\(text)\u{1B}[0m"
        case .warning: "\u{1B}[33m\(text)\u{1B}[0m"
        case .bad: "\u{1B}[31m\(text)\u{1B}[0m"
        }
    }
}
