import ClusterModel

/// Decides when so little of the memory is left that the switch-over stays within its time.
///
/// QEMU stops the guest by itself as soon as it could finish, and for an idle guest that is right
/// after the first pass: then the guest would stand still until somebody orders the switch-over.
/// What the guest can have changed shortly before the end of the first pass is known from a
/// measurement, for which the pass is held if it has not ended; if all of that fits into the allowed
/// time, the copy is done. If not, QEMU goes on, pass after pass, and is held when a pass begins with
/// little enough.
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
    private(set) var rate: UInt64 = 0

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
        /// Shortly before the end of the first pass, since then; nobody knows what changed.
        case held(Duration)  // → later
        /// A later pass.
        case later(Pass)
    }

    private struct Pass: Hashable, Sendable {
        var number = 0
        /// What it began with: all that the guest changed in the one before.
        var begun: UInt64 = 0
        /// When it was first seen.
        var since = Duration.zero
        /// Bytes a second that the guest changed in the one before.
        var changes = UInt64.max
    }

    private struct Sighting: Hashable, Sendable {
        let elapsed: Duration
        let remaining: UInt64
        /// Whether the pass is over within some looks, as fast as it went just before.
        let isNear: Bool
    }

    /// The first pass is held when less is left: seconds at 100 Mbit/s, milliseconds at 10 Gbit/s,
    /// all of it sent while the guest runs.
    private static let end: UInt64 = 8 << 20
    /// … over several streams, which QEMU does not hold as well: 11 MiB/s were seen to go on.
    private static let endOverSeveral: UInt64 = 24 << 20
    private let end: UInt64
    /// … or when it will be over within this time, several looks from now.
    private static let soon = Duration.milliseconds(100)
    /// Under a limit QEMU sends what one such moment may at its beginning, as fast as it can, and rests for what is left of it.
    /// - Source: QEMU, migration/migration.h, `BUFFER_DELAY`.
    private static let moment = Duration.milliseconds(100)
    /// Longest wait for a measurement that takes a second.
    private static let patience = Duration.seconds(3)

    /// Whether the guest may go on at the target before all of its memory is there: then one pass is enough.
    private let takesPostcopy: Bool

    /// - Parameters:
    ///   - streams: over how many the memory goes.
    ///   - takesPostcopy: whether the guest may go on at the target before all of its memory is there.
    init(_ ladder: DowntimeLadder, streams: Int = 1, takesPostcopy: Bool = false) {
        self.ladder = ladder
        self.takesPostcopy = takesPostcopy
        end = streams > 1 ? Self.endOverSeveral : Self.end
    }

    /// Whether the next look should come soon: what is left of the first pass takes longer than several.
    var isNear: Bool {
        switch state {
        case .first(let last): last?.isNear ?? true
        case .held, .later: true
        }
    }

    mutating func advise(_ now: Observation) -> Advice {
        switch state {
        case .first(let before):
            noteRate(now)
            guard now.memory.passes <= 1 else { return advise(now, in: Pass()) }
            guard isNearEnd(now, before) else {
                state = .first(sighting(now, before))
                return .goOn
            }
            guard let fits = fits(now) else {
                state = .held(now.elapsed)
                return .hold
            }
            if fits { return .enough }
            // A pass that is held sends nothing: a tenth of a second for each word.
            state = .later(Pass())
            return .goOn
        case .held(let since):
            guard let fits = fits(now) else {
                guard now.elapsed - since > Self.patience else { return .goOn }
                state = .later(Pass())
                return .release
            }
            if fits { return .enough }
            state = .later(Pass())
            return .release
        case .later(let pass):
            noteRate(now)
            return advise(now, in: pass)
        }
    }

    /// Whether all that the guest changed in the first pass can be sent in the allowed time; `nil` as long as nobody knows.
    private func fits(_ now: Observation) -> Bool? {
        guard let changes = now.changes else { return nil }
        // Twice, because the switch-over is not yet ordered and the rate was another's.
        let milliseconds = UInt64(max(0, now.elapsed.milliseconds))
        let changed = changes.saturating(times: milliseconds).saturating(times: 2) / 1000
        return changed.saturating(plus: now.disks) <= sendable
    }

    private mutating func advise(_ now: Observation, in last: Pass) -> Advice {
        let memory = now.memory
        // Just released: the first pass still has to end.
        guard memory.passes > 1 else { return .goOn }
        if takesPostcopy { return .enough }
        var pass = last
        if memory.passes != last.number {
            climb(memory.remaining, after: last.number > 0 ? last.begun : .max)
            // The first began with the migration.
            let took = UInt64(max(Self.moment, now.elapsed - last.since).milliseconds)
            pass = Pass(
                number: memory.passes, begun: memory.remaining, since: now.elapsed,
                changes: memory.remaining.saturating(times: 1_000) / took)
        }
        state = .later(pass)
        let least = min(max(pass.begun, memory.remaining), next(after: pass, now))
        return least.saturating(plus: now.disks) <= sendable ? .enough : .goOn
    }

    /// What there would be to send if the pass were over now: what is left of it, and what the guest changed meanwhile.
    ///
    /// Twice that, as it changes when it likes. After a moment too short to tell nothing is little.
    private func next(after pass: Pass, _ now: Observation) -> UInt64 {
        let passed = now.elapsed - pass.since
        guard passed >= Self.moment else { return .max }
        let changed = pass.changes.saturating(times: UInt64(passed.milliseconds) * 2) / 1_000
        return now.memory.remaining.saturating(plus: changed)
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
        now.memory.remaining <= end || isOver(now, before, within: Self.soon)
    }

    /// Whether the pass ends within `time`, as fast as it went since `before`.
    private func isOver(_ now: Observation, _ before: Sighting?, within time: Duration) -> Bool {
        let remaining = now.memory.remaining
        guard let before, before.remaining > remaining else { return false }
        let passed = now.elapsed - before.elapsed
        guard passed >= Self.moment else { return false }
        // Pages of zeroes count here and not in QEMU's rate.
        let speed = (before.remaining - remaining) / UInt64(max(1, passed.milliseconds))
        return remaining <= speed.saturating(times: UInt64(time.milliseconds))
    }

    /// What the next look is compared with: this one, unless the one before is too young for that.
    private func sighting(_ now: Observation, _ before: Sighting?) -> Sighting {
        let isNear =
            now.memory.remaining <= 2 * end || isOver(now, before, within: Self.soon * 4)
        let isYoung = before.map { now.elapsed - $0.elapsed < Self.moment * 2 } ?? false
        guard let before, isYoung else {
            return Sighting(
                elapsed: now.elapsed, remaining: now.memory.remaining, isNear: isNear)
        }
        return Sighting(
            elapsed: before.elapsed, remaining: before.remaining, isNear: isNear)
    }

    private mutating func noteRate(_ now: Observation) {
        // QEMU knows its rate only after a moment, and what it sent of a moment's part at once is no rate.
        let milliseconds = UInt64(max(Self.moment, now.elapsed).milliseconds)
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
