/// What the user accepts when an instance changes hosts.
package struct MovePreference: Hashable, Sendable {
    /// Accepted modes, least interruption first, each once.
    package let allow: [MoveMode]
    /// Longest accepted interruption of a live move; where `converge` has `longer`, the first that is tried.
    package let downtime: Duration
    /// What may be done where a live move would not converge, least interruption first, each once; empty where such a
    /// move is not to be.
    package let converge: [MoveRecourse]
    /// Longest interruption that `longer` comes to; `nil` is ``DowntimeLadder/usual`` times the downtime, at most
    /// ``DowntimeLadder/longest``.
    package let most: Duration?
    /// Whether a guest may be asked for the memory that it does not use, so that a live move need not send it; it has it
    /// back once it is moved.
    package let balloon: Bool

    package static let standard = MovePreference()

    package init(
        allow: [MoveMode] = [.live], downtime: Duration = .milliseconds(300),
        converge: [MoveRecourse] = [.slower, .restart], most: Duration? = nil,
        balloon: Bool = false
    ) {
        self.allow = Set(allow).sorted()
        self.downtime = downtime
        self.converge = Set(converge).sorted()
        self.most = most
        self.balloon = balloon
    }

    /// How long a guest may stand still, from the first try to the last.
    package var ladder: DowntimeLadder {
        guard converge.contains(.longer) else { return DowntimeLadder(downtime) }
        return DowntimeLadder(
            from: downtime,
            to: most ?? min(DowntimeLadder.longest, downtime * DowntimeLadder.usual))
    }

    /// The modes that are accepted for an instance, by whether a live move of it would never end.
    package func accepted(endless: Bool) -> [MoveMode] {
        guard endless, !converge.contains(.restart) else { return allow }
        return allow.filter { $0 == .live }
    }

    /// The same with one more mode, whatever a live move would come to.
    package func allowing(_ mode: MoveMode) -> MovePreference {
        MovePreference(
            allow: allow + [mode], downtime: downtime,
            converge: mode == .restart ? converge + [.restart] : converge, most: most,
            balloon: balloon)
    }
}

/// What may be done with a guest that changes its memory faster than it is sent.
package enum MoveRecourse: String, Hashable, Comparable, Sendable, CaseIterable {
    /// Its processors are held back while it is copied (QEMU's auto-converge).
    case slower
    /// It stands still for longer, step by step up to a bound.
    case longer
    /// It goes on at the target with what it was sent so far, and has the rest when it asks for it (QEMU's post-copy). Until all
    /// of it is there neither host has all of the memory: where the source fails meanwhile, or the network for longer than
    /// connections last, the guest begins anew at the target, from its disks; where the target is lost for good, at the source,
    /// from those of before.
    case postcopy
    /// It is stopped and started again at the target, where `move.allow` has that.
    case restart

    package static func < (a: MoveRecourse, b: MoveRecourse) -> Bool { a.rank < b.rank }

    /// From least to most interruption.
    private var rank: Int {
        switch self {
        case .slower: 0
        case .longer: 1
        case .postcopy: 2
        case .restart: 3
        }
    }
}
