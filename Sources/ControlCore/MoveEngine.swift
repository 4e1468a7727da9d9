package import ClusterModel

/// One move from preflight to release, with its undoing; it drives both hosts and touches neither.
///
/// ```
/// preflight ─► prepare ─► copy ─► switchOver ─► confirm ─► (flush) ─► release ─► done
///     └──────────┤          │          └────────────┴─► undo target ─┐
///                ▼          └────────────────────────► undo source ◄─┘
///            rolledBack                                     └─► rolledBack, failed
/// ```
/// Each phase is one order to one host and one answer. There are three ways through it:
///
/// - *Carried*: the source stops (a checkpoint where the move is live), the target fetches what it was and starts. A container
///   is offered before, as part of `preflight`: its source is told who may fetch what it has while it runs, in `prepare`.
///   `copy` is two orders, source then target; the switch-over is the target's.
/// - *Streamed*, a live move of a VM: the target waits, the source sends while the instance runs. `copy` and the
///   switch-over are the source's, and the target runs by itself once the source has let go.
/// - *Overlapping*, a relocation of a container: `copy` is the target's, where a further copy starts that nobody can
///   reach, and has to be well. The source is held off the network in the switch-over, the target connected in
///   `confirm`, and the source's copy runs until it is released.
///
/// Where files came, `release` is two orders: the target brings them to its disk (`MoveEngine+Flush.swift`), then the source
/// removes its own.
///
/// An order may be repeated: agents do it once. A move that comes back from the store starts again at the beginning
/// of the phase it was in.
///
/// The one rule that must hold: the source is not told to run again while the target may run a copy. Up to
/// `copy` the target cannot start, so the source goes on at once, whether the target answers or not. From
/// `switchOver` on the target has to say that its copy is gone, or be declared gone itself. And a streamed instance
/// exists once: where nobody knows how its switch-over ended, the target is asked before anything is undone.
/// Where copies overlap the same holds for the address (`MoveEngine+Overlap.swift`).
package struct MoveEngine: Hashable, Sendable {
    package internal(set) var record: MoveRecord
    private(set) var stage: Stage
    /// When the present stage is given up.
    var deadline: Instant
    /// Why it is not known how the switch-over ended; the reason given if the target turns out not to run.
    var doubt: String?
    /// When the source was told to stop what is carried; `nil` after a restart in between.
    private var stoppedAt: Instant?
    /// From this moment on a source that cannot make a streamed instance go on is not asked again.
    private var givesUpAt: Instant?
    /// In which boot of its target what came is; `nil` after a restart in between, and where it is not known.
    var targetBoot: String?
    /// Whether the target has booted since it began to come.
    var hasTargetBooted = false
    /// Whether there is nothing left of the source of a post-copy.
    var isSourceGone = false
    /// Not before this moment is a target that refuses its undoing asked again whether it runs the instance.
    var asksAgainAt: Instant?
    /// The last that was said of what is waited for, and may be waited for in vain.
    var complaint: String?
    /// Whether the target of an instance that is there has answered since it was asked last.
    private var hasAnswered = false

    /// Which order is out.
    enum Stage: Hashable, Sendable {
        case preflight  // → offer (carried containers), prepare, ended
        case offer  // → prepare, ended
        case prepare  // → copySource, copyTarget (overlapping), ended
        case copySource  // → copyTarget (carried), switchOver (streamed), undoSource
        case copyTarget  // → switchOver, undoSource, undoTarget (overlapping)
        case switchOver  // → confirm, undoTarget, undoSource (the target is gone)
        case confirm  // → flush, release (overlapping), undoTarget, undoSource (the target is gone)
        case flush  // → release
        case release  // → ended
        // → undoSource, confirm (streamed: it has come after all), ended (overlapping, up to the switch-over)
        case undoTarget
        case undoSource  // → ended, undoTarget (overlapping, in the switch-over)
        case ended
    }

    package enum Event: Hashable, Sendable {
        /// Sends the present order; also after a restart or when a host came back.
        case resume
        /// The order for `phase` came to its end; `failure` says why it did not succeed.
        case answered(
            by: HostID, phase: Move.Phase, undo: Bool, failure: String?, endpoint: MoveEndpoint?)
        case cancel
        /// It is not to begin, with why; of no effect once its target was told to prepare.
        case refused(String)
        /// The host does not answer now; it may come back, and may run what it was told to run.
        case silent(HostID)
        /// It is silent for longer than leases last, and what it has of the instance may run on all the same.
        case silentBeyondLeases(HostID)
        /// Whatever the host had of the instance has provably ended, or an operator declared it dead.
        case gone(HostID)
        /// The host is here again, in its present boot.
        case connected(HostID, boot: String)
        case tick
    }

    package enum Effect: Hashable, Sendable {
        /// To be sent to the host again whenever it connects, until the engine goes on.
        case order(HostID, phase: Move.Phase, undo: Bool)
        /// The instance is decided to be on the target from now on.
        case arrived
        /// The host may still have something of the instance, though nothing that runs.
        case leftover(HostID)
        /// To be told once: nobody but an operator can help.
        case trouble(String)
        case ended(Move.Outcome)
    }

    /// Why a move ended that its user stopped.
    package static let cancelled = "cancelled"

    package init(record: MoveRecord, now: Instant) {
        self.record = record
        stage = Stage(of: record)
        deadline = now.advanced(by: Self.patience(stage, record.forecast))
    }

    package mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        switch event {
        case .resume: return order()
        case .answered(let host, let phase, let undo, let failure, let endpoint):
            guard let expected = order().first, case .order(host, phase, undo) = expected else {
                let hasLetGo = phase == .switchOver && !undo && failure == nil
                return hasLetGo && host == record.move.source ? letGoAfterAll(now) : []
            }
            return answered(failure, endpoint, now)
        case .cancel: return canCancel ? turnBack(Self.cancelled, now) : []
        case .refused(let reason):
            return stage == .preflight || stage == .offer ? turnBack(reason, now) : []
        case .silent(let host): return silent(host, now)
        case .silentBeyondLeases(let host): return remainsSilent(host)
        case .gone(let host): return gone(host, now)
        case .connected(let host, let boot):
            return host == record.move.source ? sourceConnected(boot) : targetConnected(boot)
        case .tick: return now < deadline ? [] : expire(now)
        }
    }

    /// Keeps what a host measured of the phase that it ended.
    package mutating func note(_ measure: MoveMeasure) {
        record.measure = record.measure.completed(by: measure)
    }

    /// Keeps in which boot of its source the instance is sent.
    package mutating func note(sourceBoot: String) { record.sourceBoot = sourceBoot }

    /// Whether the move still stops for its user: until the switch-over was ordered.
    package var canCancel: Bool {
        switch stage {
        case .preflight, .offer, .prepare, .copySource, .copyTarget: true
        case .switchOver, .confirm, .flush, .release, .undoTarget, .undoSource, .ended: false
        }
    }

    // MARK: - Stages

    var isStreamed: Bool { record.move.isStreamed }

    private mutating func answered(
        _ failure: String?, _ endpoint: MoveEndpoint?, _ now: Instant
    ) -> [Effect] {
        switch (stage, failure) {
        case (.preflight, nil) where record.move.kind == .container && !overlaps:
            return go(to: .offer, .preflight, now)
        // Whatever the source says: what does not come ahead comes when it has stopped.
        case (.preflight, nil), (.offer, _): return go(to: .prepare, .prepare, now)
        case (.prepare, nil):
            guard !isStreamed || endpoint != nil else {
                return turnBack("the target did not say where it waits", now)
            }
            guard !record.isPostcopy || endpoint?.takesPostcopy == true else {
                return turnBack("the target takes no post-copy", now)
            }
            record.endpoint = endpoint
            return go(to: overlaps ? .copyTarget : .copySource, .copy, now)
        case (.copySource, nil):
            return isStreamed
                ? go(to: .switchOver, .switchOver, now) : go(to: .copyTarget, .copy, now)
        case (.copyTarget, nil): return go(to: .switchOver, .switchOver, now)
        case (.switchOver, nil):
            if let stoppedAt {
                record.measure = record.measure.completed(
                    by: MoveMeasure(downtime: now.since(stoppedAt)))
            }
            // One that converged after all is a stream like any other: its source has all of it until it is released.
            record.hasLetGo = isStreamed && (!record.isPostcopy || record.measure.isPartial)
            return go(to: .confirm, .confirm, now)
        case (.confirm, nil):
            return [.arrived] + (overlaps ? go(to: .release, .release, now) : beginFlush(now))
        case (.flush, nil): return go(to: .release, .release, now)
        case (.flush, let reason?): return unflushed(reason, now)
        case (.release, nil): return end(.done, now)
        // The instance runs at the target; what is left at the source goes by itself.
        case (.release, .some) where overlaps: return askAgain(now)
        case (.release, .some): return [.leftover(record.move.source)] + end(.done, now)
        case (.switchOver, let reason?): return switchOverEnded(reason, now)
        case (.preflight, let reason?), (.prepare, let reason?), (.copySource, let reason?),
            (.copyTarget, let reason?):
            return turnBack(reason, now)
        // It is there: nobody else has it, and what it still lacks the source alone can send.
        case (.confirm, let reason?) where isAtTarget:
            hasAnswered = true
            return complain(reason) + askAgain(now)
        case (.confirm, let reason?):
            // It was not given up before, either.
            let words = record.isPostcopy && asksAgainAt != nil ? complain(reason) : []
            return words + turnBack(doubt ?? reason, now)
        case (.undoTarget, nil): return targetUndone(now)
        case (.undoSource, nil): return sourceUndone(now)
        case (.undoTarget, .some) where overlaps, (.undoSource, .some) where overlaps:
            return askAgain(now)
        case (.undoTarget, .some): return undoRefused(now)
        case (.undoSource, .some) where isStreamed && isWorthAsking(now): return askAgain(now)
        case (.undoSource, let reason?):
            return unrecovered("the source did not start again: \(reason)", now)
        case (.ended, _): return []
        }
    }

    /// The switch-over failed, or nobody knows. A streamed instance may run at the target all the same, and then
    /// nowhere else: ask there.
    mutating func switchOverEnded(_ reason: String, _ now: Instant) -> [Effect] {
        guard isStreamed else { return turnBack(reason, now) }
        doubt = reason
        return go(to: .confirm, .confirm, now)
    }

    /// Whether the target's copy is gone is not known, so nothing may start: the order goes out again later.
    ///
    /// A streamed instance may have come after it was given up, and then it runs there: it is asked for once more.
    private mutating func undoRefused(_ now: Instant) -> [Effect] {
        guard isStreamed, asksAgainAt.map({ now >= $0 }) ?? true else { return [] }
        asksAgainAt = now.advanced(by: patience(.undoTarget))
        if case .rolledBack(let reason) = record.outcome { doubt = reason }
        record.outcome = nil
        return go(to: .confirm, .confirm, now)
    }

    /// Only `resume` ends what a stream left in its source's QEMU, or has its guest go on; an agent by itself sees a QEMU that
    /// is there. One that does not answer may in a moment.
    private mutating func isWorthAsking(_ now: Instant) -> Bool {
        let end = givesUpAt ?? now.advanced(by: patience(.undoSource))
        givesUpAt = end
        return now < end
    }

    private mutating func expire(_ now: Instant) -> [Effect] {
        let late =
            "\(record.phase.rawValue) took longer than \(patience(stage).milliseconds / 1000) s"
        switch stage {
        case .confirm where isAtTarget:
            deadline = now.advanced(by: patience(stage))
            let words = hasAnswered ? [] : complain(silence)
            hasAnswered = false
            return words + order()
        case .offer: return go(to: .prepare, .prepare, now)
        case .preflight, .prepare, .copySource, .copyTarget, .confirm: return turnBack(late, now)
        case .switchOver: return switchOverEnded(late, now)
        case .flush:
            return unflushed(
                "its disk took longer than \(patience(.flush).milliseconds / 1000) s", now)
        case .release where !overlaps: return [.leftover(record.move.source)] + end(.done, now)
        case .release, .undoTarget, .undoSource:
            deadline = now.advanced(by: patience(stage))
            return order()
        case .ended: return []
        }
    }

    private mutating func gone(_ host: HostID, _ now: Instant) -> [Effect] {
        let isTarget = host == record.move.target
        guard isTarget || host == record.move.source else { return [] }
        switch stage {
        case .preflight, .offer, .prepare: return turnBack("host \(host) is gone", now)
        case .copyTarget where overlaps: return isTarget ? targetGone(now) : []
        case .copySource, .copyTarget:
            let undoing = turnBack("host \(host) is gone", now)
            return isTarget ? undoing : unrecovered("the source is gone", now)
        case .switchOver where overlaps && !isTarget: return go(to: .confirm, .confirm, now)
        // The target has all it needs, or is to know that it will not get it; should it fail, this is told again.
        case .switchOver, .confirm: return isTarget ? targetGone(now) : sourceGoneSince()
        case .undoTarget: return isTarget ? targetUndone(now) : sourceGoneSince()
        case .undoSource: return isTarget ? [] : sourceGone(now)
        // The QEMU that a stream left would be taken for the guest, were that placed there anew; files by themselves may stay.
        case .flush where isTarget && isStreamed: return unflushed("the host is gone", now)
        case .flush: return end(.done, now)
        // A source that is there runs its copy still, so that the instance must not be placed anew yet.
        case .release: return overlaps && isTarget ? [] : end(.done, now)
        case .ended: return []
        }
    }

    private mutating func targetGone(_ now: Instant) -> [Effect] {
        record.outcome = .rolledBack(reason: "host \(record.move.target) is gone")
        return isSourceUntouched ? undone(now) : go(to: .undoSource, phaseWithoutTarget, now)
    }

    mutating func go(to next: Stage, _ phase: Move.Phase, _ now: Instant) -> [Effect] {
        stage = next
        givesUpAt = nil
        // Of a stream its source's QEMU knows; for all else nobody sees both ends but who orders them.
        if next == .copySource, !isStreamed { stoppedAt = now }
        record.phase = phase
        deadline = now.advanced(by: patience(next))
        return order()
    }

    mutating func turnBack(_ reason: String, _ now: Instant) -> [Effect] {
        let outcome = Move.Outcome.rolledBack(reason: reason)
        record.outcome = outcome
        switch record.phase {
        case .preflight: return end(outcome, now)
        // What waits at the target, or came ahead, is something; an image that was brought there is not.
        case .prepare:
            let waits = record.move.mode != .restart || record.move.kind == .container
            return (waits ? [.leftover(record.move.target)] : []) + end(outcome, now)
        case .copy where overlaps: return go(to: .undoTarget, record.phase, now)
        case .switchOver where overlaps: return go(to: .undoSource, record.phase, now)
        case .copy: return go(to: .undoSource, record.phase, now)
        case .switchOver, .confirm, .release: return go(to: .undoTarget, record.phase, now)
        }
    }

    /// The source runs again; the target may have files left, if it was not there to be asked.
    mutating func undone(_ now: Instant) -> [Effect] {
        [.leftover(record.move.target)] + end(record.outcome ?? .rolledBack(reason: "undone"), now)
    }

    mutating func unrecovered(_ reason: String, _ now: Instant) -> [Effect] {
        let why: String
        switch record.outcome {
        case .rolledBack(let reason), .failed(let reason): why = reason
        case .done, nil: why = "undone"
        }
        return [.leftover(record.move.target)] + end(.failed(reason: "\(why); and \(reason)"), now)
    }

    private mutating func end(_ outcome: Move.Outcome, _ now: Instant) -> [Effect] {
        stage = .ended
        record.outcome = outcome
        record.endedAt = now
        return [.ended(outcome)]
    }

    func order() -> [Effect] {
        let move = record.move
        switch stage {
        case .preflight: return [.order(move.target, phase: .preflight, undo: false)]
        case .offer: return [.order(move.source, phase: .preflight, undo: false)]
        case .prepare: return [.order(move.target, phase: .prepare, undo: false)]
        case .copySource: return [.order(move.source, phase: .copy, undo: false)]
        case .copyTarget: return [.order(move.target, phase: .copy, undo: false)]
        case .switchOver:
            return [
                .order(
                    isStreamed || overlaps ? move.source : move.target, phase: .switchOver,
                    undo: false)
            ]
        case .confirm: return [.order(move.target, phase: .confirm, undo: false)]
        case .flush: return [.order(move.target, phase: .release, undo: false)]
        case .release: return [.order(move.source, phase: .release, undo: false)]
        case .undoTarget: return [.order(move.target, phase: record.phase, undo: true)]
        case .undoSource: return [.order(move.source, phase: record.phase, undo: true)]
        case .ended: return []
        }
    }
}
