import ClusterModel

/// What an agent keeps of a holding besides its assignment, as one line of words.
extension Holding {
    /// Such as `7 active m-3 b` or `7 active - - interrupted`.
    ///
    /// The last word stands there only where it says something, so an agent that does not know it reads all others.
    package var line: String {
        "\(incarnation.number) \(standing.rawValue) \(move?.rawValue ?? "-") \(peer?.rawValue ?? "-")"
            + (isInterrupted ? " \(Self.interrupted)" : "")
    }

    /// The holding of that line; `nil` where it is none. The last two words may be missing: earlier agents wrote none.
    package init?(line: String, assigned: Assigned) {
        let words = line.split(separator: " ").map(String.init)
        guard (3...5).contains(words.count), let incarnation = UInt64(words[0]),
            let standing = Standing(rawValue: words[1]),
            words.count < 5 || words[4] == Self.interrupted
        else { return nil }
        self.init(
            assigned: assigned, incarnation: Generation(incarnation), standing: standing,
            move: words[2] == "-" ? nil : MoveID(words[2]),
            peer: words.count < 4 || words[3] == "-" ? nil : HostID(words[3]),
            isInterrupted: words.count == 5)
    }

    private static let interrupted = "interrupted"
}
