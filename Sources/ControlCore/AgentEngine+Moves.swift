package import ClusterModel

/// A host's part in one move: the order it last got, and how far it came with it.
struct MovePart: Hashable, Sendable {
    var order: MoveOrderNote
    var progress: Progress
    /// An operation of this or of an earlier order that has not ended, where no instance can tell.
    var running: AgentOperation.Verb?
    /// What the order came to, for a repeated one.
    var endpoint: MoveEndpoint?
    /// What was seen of the move meanwhile, for the same.
    var measure = MoveMeasure.nothing
    /// How far a new copy is with showing that it is well.
    var proof: Proof?

    enum Progress: Hashable, Sendable {
        /// Another operation of the instance has to end first.
        case waiting
        case working
        /// The new copy runs, and has to be well.
        case proving
        case succeeded
        /// Was answered; a repeated order tries again.
        case failed
    }

    func isOf(_ other: MoveOrderNote) -> Bool {
        order.move.id == other.move.id && order.phase == other.phase && order.undo == other.undo
            && order.source == other.source
    }
}

extension AgentEngine {
    /// An order is done once however often it comes, and never beside another operation of its instance.
    mutating func ordered(_ order: MoveOrderNote) {
        if order.isToFlush { return flush(order) }
        let id = order.move.instance
        if let held = instances[id]?.holding, order.assigned.generation < held.assigned.generation {
            return answer(order, "the order is older than what this host holds")
        }
        if let part = moves[id], part.isOf(order) {
            switch part.progress {
            // An interruption may have been lost on the way.
            case .waiting: return interrupt(part)
            case .working, .proving: return
            case .succeeded: return answer(order, nil, part.endpoint, part.measure)
            case .failed: break
            }
        }
        let part = MovePart(order: order, progress: .waiting, running: moves[id]?.running)
        moves[id] = part
        interrupt(part)
        advanceMove(of: id)
    }

    /// Ends what an undoing waits for: a stream would go on for as long as there is something to send, and a
    /// switch-over to a target that is gone until its connection is given up.
    private mutating func interrupt(_ part: MovePart) {
        guard let running = part.running else { return }
        let waitsInVain =
            switch running {
            case .stream, .handOver: part.order.undo
            // What it waits for will not come.
            case .arrive: part.order.source.isGone
            case .start, .stop, .remove, .preflight, .prepare, .fetch, .startApart, .hold, .connect,
                .confirm, .checkpoint, .prepareLive, .receive, .dismiss, .resume:
                false
            }
        guard waitsInVain else { return }
        effects.append(
            .interrupt(AgentOperation(instance: part.order.move.instance, verb: running)))
    }

    /// Says again which guests this host let go of by post-copy: that may have been lost with the connection, and a coordinator that
    /// has given up waiting for it does not ask again, though it still counts.
    mutating func repeatLettingGo() {
        for id in moves.keys.sorted() {
            guard let part = moves[id], part.order.takesPostcopy, part.order.phase == .switchOver,
                !part.order.undo, part.progress == .succeeded
            else { continue }
            answer(part.order, nil, part.endpoint, part.measure)
        }
    }

    /// Whether the coordinator has told this host that its instance is about to move there, so that what may come ahead is
    /// fetched; nothing is done for it here.
    package func isOffered(_ instance: InstanceID, in move: MoveID, to host: HostID) -> Bool {
        guard let order = moves[instance]?.order, order.role == .source, !order.undo else {
            return false
        }
        return order.phase == .preflight && order.move.id == move && order.move.target == host
    }

    /// Begins the order that waits, once nothing else is done with its instance.
    private mutating func advanceMove(of id: InstanceID) {
        guard let part = moves[id], part.progress == .waiting, part.running == nil,
            instances[id]?.busy == nil
        else { return }
        if let missing = lack(of: part.order) {
            moves[id]?.progress = .failed
            return answer(part.order, missing)
        }
        guard let verb = verb(for: part.order) else {
            moves[id]?.progress = .succeeded
            return succeed(part.order)
        }
        prepareHolding(part.order, verb)
        moves[id]?.progress = .working
        moves[id]?.running = verb
        perform(AgentOperation(instance: id, verb: verb))
    }

    mutating func moveFinished(
        _ operation: AgentOperation, _ failure: String?, _ endpoint: MoveEndpoint?,
        _ measure: MoveMeasure, _ verdict: CheckpointVerdict?
    ) {
        let id = operation.instance
        guard var part = moves[id] else { return }
        if part.running == operation.verb { part.running = nil }
        moves[id] = part
        guard part.progress == .working, part.running == nil else { return advanceMove(of: id) }
        if failure == nil, part.order.asksForProof {
            moves[id]?.progress = .proving
            return
        }
        moves[id]?.progress = failure == nil ? .succeeded : .failed
        moves[id]?.endpoint = endpoint
        moves[id]?.measure = measure
        if let failure {
            answer(part.order, failure, verdict: verdict)
        } else {
            succeed(part.order)
        }
    }

    /// What an order should have come with and did not.
    private func lack(of order: MoveOrderNote) -> String? {
        guard order.move.isStreamed, !order.undo else { return nil }
        switch (order.phase, order.role) {
        case (.prepare, .target):
            return order.credentials == nil ? "the order came without credentials" : nil
        case (.copy, .source):
            return order.credentials == nil || order.endpoint == nil
                ? "the order does not say where the target waits" : nil
        default: return nil
        }
    }

    /// What an order comes to on this host; `nil` when there is nothing to do for it.
    private func verb(for order: MoveOrderNote) -> AgentOperation.Verb? {
        if order.move.overlaps { return overlappingVerb(for: order) }
        return order.move.isStreamed ? streamedVerb(for: order) : carriedVerb(for: order)
    }

    /// The verbs of a move that streams: the target waits, the source sends.
    private func streamedVerb(for order: MoveOrderNote) -> AgentOperation.Verb? {
        let assigned = order.assigned
        let kind = assigned.workload.kind
        let held = instances[assigned.instance]?.holding
        switch (order.phase, order.role, order.undo) {
        case (_, .target, true): return .dismiss(kind)
        case (_, .source, true):
            let own = held?.assigned ?? assigned
            return .resume(
                own.with(.running, assigned.generation),
                incarnation: held?.incarnation ?? assigned.generation)
        case (.preflight, .target, false): return .preflight(assigned)
        case (.prepare, .target, false):
            return order.credentials.map {
                .receive(
                    assigned.with(.running, assigned.generation),
                    incarnation: order.move.generation, $0, streams: order.streams,
                    takesPostcopy: order.takesPostcopy)
            }
        case (.copy, .source, false):
            guard let endpoint = order.endpoint, let credentials = order.credentials else {
                return nil
            }
            return .stream(assigned, to: endpoint, credentials, order.move.id)
        case (.switchOver, .source, false): return .handOver(assigned)
        case (.confirm, .target, false):
            return .arrive(kind, from: order.source)
        case (.release, .source, false): return held.map { removal($0) }
        case (.preflight, .source, false), (.prepare, .source, false), (.copy, .target, false),
            (.switchOver, .target, false), (.confirm, .source, false), (.release, .target, false):
            return nil
        }
    }

    /// The verbs of a move that carries: the source stops, the target fetches and starts.
    private func carriedVerb(for order: MoveOrderNote) -> AgentOperation.Verb? {
        let assigned = order.assigned
        let kind = assigned.workload.kind
        let held = instances[assigned.instance]?.holding
        let isLive = order.move.mode == .live
        switch (order.phase, order.role, order.undo) {
        case (_, .target, true): return held.map { removal($0) }
        case (_, .source, true):
            // The copy that was stopped goes on, by the spec it was made from.
            let own = (held?.assigned ?? assigned).with(.running, assigned.generation)
            let incarnation = held?.incarnation ?? assigned.generation
            return isLive
                ? .resume(own, incarnation: incarnation) : .start(own, incarnation: incarnation)
        case (.preflight, .target, false): return .preflight(assigned)
        case (.prepare, .target, false):
            let ahead = order.ahead
            return isLive
                ? .prepareLive(assigned, ahead: ahead) : .prepare(assigned, ahead: ahead)
        case (.copy, .source, false):
            return isLive ? .checkpoint(assigned) : .stop(kind)
        case (.copy, .target, false):
            return .fetch(assigned, from: order.sourceAddress, order.move.id)
        case (.switchOver, .target, false):
            let own = assigned.with(.running, assigned.generation)
            let incarnation = order.move.generation
            return isLive
                ? .resume(own, incarnation: incarnation) : .start(own, incarnation: incarnation)
        case (.confirm, .target, false): return .confirm(kind)
        case (.release, .source, false): return held.map { removal($0) }
        case (.preflight, .source, false), (.prepare, .source, false),
            (.switchOver, .source, false),
            (.confirm, .source, false), (.release, .target, false):
            return nil
        }
    }

    /// What a move leaves behind goes with its volumes: at a source that was released the target has them and has
    /// changed them since, and at a target that is undone they are copies of what the source goes on with. What hosts share stays.
    private func removal(_ held: Holding) -> AgentOperation.Verb {
        let workload = held.assigned.workload
        return .remove(workload.kind, volumes: workload.storage.lasting)
    }

    /// Notes what the order makes of the instance before anything is done, so that a restart of the agent in
    /// between finds it.
    private mutating func prepareHolding(_ order: MoveOrderNote, _ verb: AgentOperation.Verb) {
        let id = order.move.instance
        let desired: Instance.Desired
        switch verb {
        case .preflight, .prepare(_, ahead: nil): return
        // What waits at a target is kept as well, so that it is reported, and removed, should the move be forgotten.
        case .fetch, .stop, .checkpoint, .handOver, .prepare, .prepareLive, .receive:
            desired = .stopped
        case .start, .startApart, .hold, .connect, .confirm, .stream, .arrive, .resume:
            desired = .running
        case .remove, .dismiss: desired = .removed
        }
        guard var holding = instances[id]?.holding else {
            return hold(
                Holding(
                    assigned: order.assigned.with(desired, order.assigned.generation),
                    incarnation: order.move.generation, move: order.move.id,
                    peer: order.peer))
        }
        switch order.role {
        // The source's copy keeps the spec it was made from: the move may yet be undone.
        case .source: holding.assigned = holding.assigned.with(desired, order.assigned.generation)
        case .target:
            holding.assigned = order.assigned.with(desired, order.assigned.generation)
            holding.incarnation = order.move.generation
        }
        // A copy that its move stopped goes on whatever its policy says of an end, also after a failed start.
        switch verb {
        case .start, .startApart, .resume: holding.standing = .resumed
        default: holding.standing = .active
        }
        holding.move = order.move.id
        holding.peer = order.peer
        if verb.ends, instances[id]?.seen == .running { holding.isInterrupted = true }
        instances[id]?.holding = holding
        effects.append(.keep(holding))
    }

    mutating func answer(
        _ order: MoveOrderNote, _ failure: String?, _ endpoint: MoveEndpoint? = nil,
        _ measure: MoveMeasure = .nothing, verdict: CheckpointVerdict? = nil
    ) {
        effects.append(
            .answerMove(
                order.move.id, order.phase, undo: order.undo, failure: failure, endpoint: endpoint,
                measure: measure, verdict: verdict))
    }

    mutating func succeed(_ order: MoveOrderNote) {
        // The host that gave it up, or never had it, keeps a tombstone against orders that come late.
        if var holding = instances[order.move.instance]?.holding, holding.standing == .gone,
            holding.move == order.move.id
        {
            holding.move = nil
            holding.peer = nil
            instances[order.move.instance]?.holding = holding
            effects.append(.keep(holding))
            buryOldest()
        }
        let part = moves[order.move.instance]
        answer(order, nil, part?.endpoint, part?.measure ?? .nothing)
    }
}

extension MoveOrderNote {
    /// From where the target has what may come while the instance runs; `nil` where nothing may.
    fileprivate var ahead: AgentOperation.Ahead? {
        guard !sourceAddress.isEmpty, move.bringsAhead(of: assigned.workload) else { return nil }
        return AgentOperation.Ahead(address: sourceAddress, move: move.id)
    }

    /// The other host of the move.
    fileprivate var peer: HostID { role == .source ? move.target : move.source }
}
