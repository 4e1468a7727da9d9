package import ClusterModel

extension Window {
    private static let advice =
        "write days and hours in UTC, such as mon-fri 22:00-06:00, or always, or never"

    /// Reads `always`, `never`, or entries such as `mon-fri 22:00-06:00, sat,sun 00:00-24:00`.
    ///
    /// Hours without days are those of every day.
    package init(notation text: String) throws(NotationFailure) {
        switch text {
        case "always": self = .always
        case "never": self = .never
        default: self.init(try Self.entries(text.lowercased()))
        }
    }

    private static func entries(_ text: String) throws(NotationFailure) -> [Entry] {
        var entries: [Entry] = []
        var days: (word: Substring, days: [Weekday])?
        for token in text.split(separator: " ") {
            let end = token.lastIndex { $0 != "," && $0 != ";" }
            guard let end else { continue }
            let word = token[...end]
            if word.contains(":") {
                entries.append(try entry(days?.days ?? Weekday.allCases, word))
                days = nil
            } else if let days {
                throw noHours(days.word)
            } else {
                days = (word, try weekdays(word))
            }
        }
        if let days { throw noHours(days.word) }
        guard !entries.isEmpty else {
            throw NotationFailure("names no hours", suggestion: advice)
        }
        return entries
    }

    private static func noHours(_ days: Substring) -> NotationFailure {
        NotationFailure("'\(days)' has no hours", suggestion: "write \(days) 00:00-24:00")
    }

    private static func entry(
        _ days: [Weekday], _ hours: Substring
    ) throws(NotationFailure) -> Entry {
        let ends = hours.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let from = minute(ends[0]), let to = minute(ends[1]) else {
            throw NotationFailure("'\(hours)' is no span of hours", suggestion: advice)
        }
        do {
            return try Entry(days: days, from: from, to: to)
        } catch {
            throw NotationFailure(
                "'\(hours)': \(error.problem)", suggestion: error.suggestion ?? advice)
        }
    }

    /// The minute of the day of `22:00`.
    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
            let hour = UInt8(parts[0]), let minute = UInt8(parts[1]), minute < 60, hour <= 24
        else { return nil }
        return Int(hour) * 60 + Int(minute)
    }

    private static func weekdays(_ text: Substring) throws(NotationFailure) -> [Weekday] {
        var days: [Weekday] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard let first = ends.first, let last = ends.last, ends.count <= 2 else {
                throw NotationFailure("'\(part)' is no day of the week", suggestion: advice)
            }
            let from = try weekday(first).rawValue
            // A span may pass the end of the week, such as sat-mon.
            let count = (try weekday(last).rawValue - from + 7) % 7
            days += (0...count).compactMap { Weekday(rawValue: (from + $0) % 7) }
        }
        return days
    }

    private static func weekday(_ text: Substring) throws(NotationFailure) -> Weekday {
        let name = String(text)
        if let day = Weekday.allCases.first(where: { name == $0.notation || name == "\($0)" }) {
            return day
        }
        let nearest = Spelling.nearest(to: name, among: Weekday.allCases.map(\.notation))
        throw NotationFailure(
            "'\(name)' is no day of the week",
            suggestion: nearest.map { "did you mean '\($0)'?" } ?? advice)
    }

    /// The notation that reads back to the same value.
    package var notation: String {
        if self == .always { return "always" }
        return entries.isEmpty ? "never" : entries.map(\.notation).joined(separator: ", ")
    }
}

extension Window.Entry {
    fileprivate var notation: String {
        let hours = "\(Self.clock(from))-\(Self.clock(to))"
        return days == Window.Weekday.allCases ? hours : "\(dayNotation) \(hours)"
    }

    private static func clock(_ minute: Int) -> String {
        func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(twoDigits(minute / 60)):\(twoDigits(minute % 60))"
    }

    /// Three days in a row or more are a span.
    private var dayNotation: String {
        var runs: [[Window.Weekday]] = []
        for day in days {
            if let last = runs.last?.last, last.rawValue + 1 == day.rawValue {
                runs[runs.count - 1].append(day)
            } else {
                runs.append([day])
            }
        }
        return runs.map { run in
            guard run.count > 2, let first = run.first, let last = run.last else {
                return run.map(\.notation).joined(separator: ",")
            }
            return "\(first.notation)-\(last.notation)"
        }.joined(separator: ",")
    }
}

extension Window.Weekday {
    fileprivate var notation: String { String("\(self)".prefix(3)) }
}
