import ClusterModel

/// How long QEMU may stop the guest for, from the order to switch over until it does.
///
/// QEMU stops the guest as soon as it believes in what it is allowed, and would use all of it. So it is first allowed
/// little, and as long as that does not come about twice as much after each moment, up to the rung that the copy came to:
/// a guest that changes little stands still for little, and one that changes much is not waited for. From that rung on it
/// climbs each time that two more passes begin with too much for it.
struct Approach: Hashable, Sendable {
    private let ladder: DowntimeLadder
    private let patience: Duration
    private var state: State

    private enum State: Hashable, Sendable {
        /// So much is allowed, since then.
        case trying(Duration, since: Duration, next: Int)  // → climbing
        /// A rung is allowed, and that many passes had begun by then.
        case climbing(rung: Int, passes: Int)
    }

    /// For how long a guest that changes little stands still for what is left of its memory.
    static let least = Duration.milliseconds(30)
    /// How long each is tried: one of the moments in which QEMU sends, counts and decides, or two where the copy took so
    /// long that nobody minds. A short move would be half as long again by the sum of them.
    private static let patience = Duration.milliseconds(100)...Duration.milliseconds(200)
    /// … this part of what the copy took.
    private static let part = 16

    /// How long QEMU has to believe that sending takes which takes `least`.
    ///
    /// It reckons with the rate that it was held to, and the rest of a stopped guest goes as fast as the way takes it. Half of
    /// what that was seen to take in bursts, because sockets swallow some of a burst.
    /// - Source: QEMU, migration/migration.c: the rate is unlimited once the guest is stopped.
    static func ambition(burst: UInt64, rate: UInt64) -> Duration {
        guard rate > 0 else { return least }
        // In tenths, up to a thousand times.
        let times = min(10_000, max(10, (burst / 2) / max(1, rate / 10)))
        return least * Int(times) / 10
    }

    /// - Parameters:
    ///   - rung: what the copy came to.
    ///   - ambition: what QEMU is allowed first.
    ///   - copying: how long the copy of the memory took.
    init(
        _ ladder: DowntimeLadder, from rung: Int = 0, ambition: Duration = Approach.least,
        copying: Duration = .seconds(60)
    ) {
        self.ladder = ladder
        patience = min(
            Self.patience.upperBound, max(Self.patience.lowerBound, copying / Self.part))
        let next = min(max(0, rung), ladder.rungs.count - 1)
        state = .trying(min(ambition, ladder.rungs[next]), since: .zero, next: next)
    }

    /// What it is allowed now; never more than the ladder's last rung.
    var allowed: Duration {
        switch state {
        case .trying(let allowed, _, _): allowed
        case .climbing(let rung, _): ladder.rungs[rung]
        }
    }

    /// One look at a guest that still runs: `passes` have begun, and the order was given `elapsed` ago.
    mutating func look(passes: Int, at elapsed: Duration) {
        switch state {
        case .trying(let allowed, let since, let next):
            guard elapsed - since >= patience else { return }
            let more = allowed * 2
            state =
                more < ladder.rungs[next]
                ? .trying(more, since: elapsed, next: next)
                : .climbing(rung: next, passes: passes)
        case .climbing(let rung, let since):
            // The first is one that began just before, or that QEMU has not yet judged.
            guard passes - since > DowntimeLadder.stalls, rung + 1 < ladder.rungs.count else {
                return
            }
            state = .climbing(rung: rung + 1, passes: passes)
        }
    }
}
