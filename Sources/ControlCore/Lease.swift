import ClusterModel

/// Since when the coordinator is known to have heard this host.
///
/// A lease runs from the moment the agent *spoke*, never from the moment the answer came: an answer may be held up
/// by the network for as long as it likes, and the coordinator counts from what it heard. Answers come in the
/// order of what they answer, one for each greeting and each report of a connection. A report that goes out while
/// its connection is replaced may be answered without being counted here; so an answer to a report is taken for
/// one to what was said before it, which costs a lease one interval.
struct Lease: Hashable, Sendable {
    private let length: Duration
    private(set) var heardAt: Instant
    /// What was said on this connection and not answered yet, oldest first.
    private var spoken: [Instant] = []
    /// The last thing said that has its answer.
    private var answered: Instant?
    private var isWelcome = false

    /// An hour of unanswered reports; beyond it what is said renews nothing.
    private static let mostSpoken = 720

    init(length: Duration, heardAt: Instant) {
        self.length = length
        self.heardAt = heardAt
    }

    /// A new connection begins with a hello; nothing said on the earlier one will be answered.
    mutating func greeting(_ at: Instant) {
        spoken = [at]
        isWelcome = false
    }

    /// The first welcome answers the hello; a later one only asks to hear everything again.
    mutating func welcomed() {
        guard !isWelcome else { return }
        isWelcome = true
        guard !spoken.isEmpty else { return }
        let hello = spoken.removeFirst()
        heardAt = max(heardAt, hello)
        answered = hello
    }

    mutating func reporting(_ at: Instant) {
        guard spoken.count < Self.mostSpoken else { return }
        spoken.append(at)
    }

    /// One that comes before the welcome answers a report of the connection before.
    mutating func acknowledged() {
        guard isWelcome, !spoken.isEmpty else { return }
        if let answered { heardAt = max(heardAt, answered) }
        answered = spoken.removeFirst()
    }

    /// A moment that lies ahead was noted by a clock that was set back since; nothing is known from it.
    func hasEnded(at now: Instant) -> Bool { now.since(heardAt) >= length || heardAt > now }
}
