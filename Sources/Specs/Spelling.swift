/// Finds what a misspelt word was meant to be.
package enum Spelling {
    /// The nearest of `words`, if it is near enough to be meant; ties go to the first in the order
    /// given.
    package static func nearest(to word: String, among words: [String]) -> String? {
        let allowed = max(1, word.count / 3)
        let typed = Array(word.lowercased())
        var best: (word: String, distance: Int)?
        for candidate in words {
            let distance = distance(typed, Array(candidate.lowercased()))
            if distance <= allowed, distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.word
    }

    /// The suggestion for a misspelt `word`: the nearest of `words`, else all of them.
    package static func advice(for word: String, among words: [String]) -> String {
        if let nearest = nearest(to: word, among: words) { return "did you mean '\(nearest)'?" }
        return "one of: \(words.joined(separator: ", "))"
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var older: [Int] = []
        var previous = Array(0...b.count)
        for (row, left) in a.enumerated() {
            var current = [row + 1]
            for (column, right) in b.enumerated() {
                let replaced = previous[column] + (left == right ? 0 : 1)
                var cost = min(previous[column + 1] + 1, current[column] + 1, replaced)
                if row > 0, column > 0, left == b[column - 1], a[row - 1] == right {
                    cost = min(cost, older[column - 1] + 1)
                }
                current.append(cost)
            }
            older = previous
            previous = current
        }
        return previous[b.count]
    }
}
