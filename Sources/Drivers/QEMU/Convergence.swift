import ClusterModel

/// Decides when so little of the memory is left that the switch-over stays within its time.
///
/// QEMU stops the guest by itself as soon as it could finish, and for an idle guest that is right
/// after the first pass: then the guest would stand still until somebody orders the switch-over.
/// So the first pass is held shortly before its end. What the guest can have changed until then is
/// known from a measurement; if all of that fits into the allowed time, the copy is done. If not,
/// QEMU goes on, pass after pass, and is held when a pass begins with little enough.
///
/// An estimate all the same. Where it errs to one side QEMU stops the guest a little early; to the
/// other, the switch-over takes another pass while the guest runs.
///
/// A copy that stops converging climbs: two passes that begin with no less than the one before, and the guest may stand
/// still for the next rung of its ladder. What still shrinks waits for a lower one.
struct Convergence: Hashable, Sendable {
    private let ladder: DowntimeLadder
    /// How far up the ladder it had to go.
    private(set) var rung = 0
    /// Passes since the smallest, or since the last rung, that began with no less than the one before.
    private var stalls = 0
    private var smallest = UInt64.max

    private var state = State.first(nil)
    /// The fastest it went so far, in bytes a second.
    private var rate: UInt64 = 0

    /// What is to be done with the migration.
    enum Advice: Hashable, Sendable {
        case goOn
        case hold
        case release
        /// Little enough is left; it is to be held until the switch-over.
        case enough
    }

    /// One look at the migration.
    struct Observation: Hashable, Sendable {
        let memory: MigrationStatus.Memory
        let disks: UInt64
        /// Bytes a second that the guest changes; `nil` as long as that is not known.
        let changes: UInt64?
        /// Since the migration began.
        let elapsed: Duration
    }

    private enum State: Hashable, Sendable {
        /// The first pass, with what was seen before.
        case first(Sighting?)  // → held, later
        /// Shortly before the end of the first pass, since then.
        case held(Duration)  // → later
        /// A later pass, with what it began with.
        case later(pass: Int, begun: UInt64)
    }

    private struct Sighting: Hashable, Sendable {
        let elapsed: Duration
        let remaining: UInt64
    }

    /// The first pass is held when less is left: seconds at 100 Mbit/s, milliseconds at 10 Gbit/s,
    /// all of it sent while the guest runs.
    private static let end: UInt64 = 8 << 20
    /// … or when it will be over within this time, several looks from now.
    private static let soon = Duration.milliseconds(100)
    /// Longest wait for a measurement that takes a second.
    private static let patience = Duration.seconds(3)

    init(_ ladder: DowntimeLadder) { self.ladder = ladder }

    mutating func advise(_ now: Observation) -> Advice {
        switch state {
        case .first(let before):
            noteRate(now)
            guard now.memory.passes <= 1 else { return advise(now, pass: 0, begun: 0) }
            guard isNearEnd(now, before) else {
                state = .first(
                    Sighting(elapsed: now.elapsed, remaining: now.memory.remaining))
                return .goOn
            }
            state = .held(now.elapsed)
            return .hold
        case .held(let since):
            guard let changes = now.changes else {
                guard now.elapsed - since > Self.patience else { return .goOn }
                state = .later(pass: 0, begun: 0)
                return .release
            }
            // Twice, because the switch-over is not yet ordered and the rate was another's.
            let milliseconds = UInt64(max(0, now.elapsed.milliseconds))
            let changed = changes.saturating(times: milliseconds).saturating(times: 2) / 1000
            if changed.saturating(plus: now.disks) <= sendable { return .enough }
            state = .later(pass: 0, begun: 0)
            return .release
        case .later(let pass, let begun):
            noteRate(now)
            return advise(now, pass: pass, begun: begun)
        }
    }

    private mutating func advise(_ now: Observation, pass: Int, begun: UInt64) -> Advice {
        let memory = now.memory
        // Just released: the first pass still has to end.
        guard memory.passes > 1 else { return .goOn }
        let isNew = memory.passes != pass
        if isNew { climb(memory.remaining, after: pass > 0 ? begun : .max) }
        let begun = isNew ? memory.remaining : begun
        state = .later(pass: memory.passes, begun: begun)
        return max(begun, memory.remaining).saturating(plus: now.disks) <= sendable
            ? .enough : .goOn
    }

    /// Notes what a pass begins with, and what the one before began with.
    private mutating func climb(_ begun: UInt64, after earlier: UInt64) {
        // Where the disks alone are behind, standing still for longer is no help.
        guard begun > sendable else {
            stalls = 0
            return
        }
        if begun < smallest {
            (smallest, stalls) = (begun, 0)
        } else if begun >= earlier {
            stalls += 1
        }
        guard stalls >= DowntimeLadder.stalls, rung + 1 < ladder.rungs.count else { return }
        (rung, stalls) = (rung + 1, 0)
    }

    private func isNearEnd(_ now: Observation, _ before: Sighting?) -> Bool {
        let remaining = now.memory.remaining
        if remaining <= Self.end { return true }
        guard let before, before.remaining > remaining else { return false }
        // Pages of zeroes count here and not in QEMU's rate.
        let passed = UInt64(max(1, (now.elapsed - before.elapsed).milliseconds))
        let speed = (before.remaining - remaining) / passed
        return remaining <= speed.saturating(times: UInt64(Self.soon.milliseconds))
    }

    private mutating func noteRate(_ now: Observation) {
        let milliseconds = UInt64(max(1, now.elapsed.milliseconds))
        // QEMU knows its rate only after a tenth of a second.
        let mean = now.memory.transferred / milliseconds * 1000
        rate = max(rate, now.memory.bytesPerSecond > 0 ? now.memory.bytesPerSecond : mean)
    }

    /// Bytes that can be sent in the allowed time.
    private var sendable: UInt64 {
        (rate / 1000).saturating(times: UInt64(max(0, ladder.rungs[rung].milliseconds)))
    }
}

extension UInt64 {
    fileprivate func saturating(times factor: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }

    fileprivate func saturating(plus other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
