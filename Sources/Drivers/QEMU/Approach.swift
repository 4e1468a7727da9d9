import ClusterModel

/// How long QEMU may stop the guest for, from the order to switch over until it does.
///
/// QEMU stops the guest as soon as it believes in what it is allowed, and would use all of it. So it is first allowed
/// little; if that does not come about soon, the rung that the copy came to; and each time that two more passes begin
/// with too much for that, the next one.
struct Approach: Hashable, Sendable {
    private let ladder: DowntimeLadder
    private var state: State

    private enum State: Hashable, Sendable {
        /// Little is allowed.
        case trying(next: Int)  // → climbing
        /// A rung is allowed, and that many passes had begun by then.
        case climbing(rung: Int, passes: Int)
    }

    private static let ambition = Duration.milliseconds(5)
    private static let patience = Duration.milliseconds(500)

    /// - Parameter rung: what the copy came to.
    init(_ ladder: DowntimeLadder, from rung: Int = 0) {
        self.ladder = ladder
        state = .trying(next: min(max(0, rung), ladder.rungs.count - 1))
    }

    /// What it is allowed now; never more than the ladder's last rung.
    var allowed: Duration {
        switch state {
        case .trying(let next): min(Self.ambition, ladder.rungs[next])
        case .climbing(let rung, _): ladder.rungs[rung]
        }
    }

    /// One look at a guest that still runs: `passes` have begun, and the order was given `elapsed` ago.
    mutating func look(passes: Int, at elapsed: Duration) {
        switch state {
        case .trying(let next):
            guard elapsed >= Self.patience else { return }
            state = .climbing(rung: next, passes: passes)
        case .climbing(let rung, let since):
            // The first is one that began just before, or that QEMU has not yet judged.
            guard passes - since > DowntimeLadder.stalls, rung + 1 < ladder.rungs.count else {
                return
            }
            state = .climbing(rung: rung + 1, passes: passes)
        }
    }
}
