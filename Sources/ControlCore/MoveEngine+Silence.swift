import ClusterModel

/// What becomes of a move whose host does not answer.
extension MoveEngine {
    /// While the target can only prepare, nobody has to wait for it; the source is worth waiting for, except where
    /// the target may have all of the instance.
    mutating func silent(_ host: HostID, _ now: Instant) -> [Effect] {
        let isTarget = host == record.move.target
        switch stage {
        case .preflight, .offer, .prepare, .copyTarget:
            return isTarget ? turnBack("host \(host) is silent", now) : []
        case .copySource:
            return isStreamed && isTarget ? turnBack("host \(host) is silent", now) : []
        case .switchOver where overlaps:
            return isTarget ? turnBack("host \(host) is silent", now) : []
        case .switchOver:
            return isStreamed && host == record.move.source
                ? switchOverEnded("host \(host) is silent", now) : []
        case .flush:
            // Its source keeps what it has for as long as that.
            if isTarget { deadline = max(deadline, now.advanced(by: patience(.flush))) }
            return []
        case .confirm, .release, .undoTarget, .undoSource, .ended: return []
        }
    }

    /// A move that waits for the host has no end of its own: only an operator knows whether it will ever answer.
    mutating func remainsSilent(_ host: HostID) -> [Effect] {
        guard case .order(host, _, _) = order().first else { return [] }
        let move = record.move
        let doubt: String
        let end: String
        switch stage {
        case .flush:
            doubt = "\(doubtfulFiles), so \(move.source) keeps what it has of it"
            end =
                isStreamed
                ? "begins anew then, without its own disks"
                : "begins anew then, or goes on from what \(move.source) has if it is placed there"
        case .undoTarget where isTargetUnheard:
            doubt = "it may run a second copy of \(move.instance)"
            end = "runs on \(move.source) then as now"
        case .undoTarget:
            doubt = "it may run \(move.instance), so that goes on nowhere else"
            end =
                isAtTarget
                ? "starts from the older disks on \(move.source) then"
                : "goes on from what \(move.source) has of it then"
        case .undoSource:
            doubt = "\(move.instance) is to go on there"
            end = "begins anew then"
        case .release where overlaps:
            doubt = "it may run a second copy of \(move.instance)"
            end = "runs on \(move.target) then as now"
        // These end by themselves.
        case .preflight, .offer, .prepare, .copySource, .copyTarget, .switchOver, .confirm,
            .release, .ended:
            return []
        }
        let words =
            """
            \(host) is silent: \(doubt), and the move waits for it. If it is lost for good, make sure that it is off and declare it \
            gone (`huddle host fence \(host)`): \(move.instance) \(end)
            """
        return complain(of: words, words)
    }

    /// Says `words` unless that is the reason that was given last.
    mutating func complain(of reason: String, _ words: String) -> [Effect] {
        guard complaint != reason else { return [] }
        complaint = reason
        return [.trouble(words)]
    }
}
