import ClusterModel

extension ClusterEngine {
    mutating func beginMove(
        _ id: InstanceID, _ source: HostID, _ target: HostID, _ mode: MoveMode, plan: PlanID?
    ) -> Bool {
        guard var instance = state.instances[id]?.value, instance.host == source,
            instance.desired == .running,
            decided.moveOf(id) == nil
        else { return false }
        instance.generation = generation(after: instance.generation)
        let kind = state.workloads[instance.workload]?.value.kind ?? .container
        let move = Move(
            id: MoveID("m-\(state.nextMove)"), instance: id, kind: kind, source: source,
            target: target,
            mode: mode,
            generation: instance.generation, plan: plan)
        let (forecast, endless) = outlook(of: id, mode, from: source, to: target)
        let record = MoveRecord(
            move: move, phase: .preflight, beganAt: now, forecast: forecast)
        change(.putInstance(instance))
        change(.putMove(record))
        let because = forecast?.recourse.map { ": \($0)" } ?? ""
        occurred(
            .move(move.id),
            "moves \(id) from \(source) to \(target) (\(mode.rawValue))\(because)")
        decided.moves[move.id] = MoveEngine(record: record, now: now)
        note(record, .running)
        if let endless {
            drive(move.id, .refused("\(endless)"))
        } else if mode == .live, let refusal = refusal(of: id, from: source, to: target) {
            // Learnt since the plan was made.
            drive(move.id, .refused(refusal.words))
        } else {
            drive(move.id, .resume)
        }
        return true
    }

    /// Hands `event` to a move's engine, stores where it came to and carries out its effects.
    mutating func drive(_ id: MoveID, _ event: MoveEngine.Event) {
        guard var engine = decided.moves[id] else { return }
        let old = engine
        let before = engine.record
        let effects = engine.handle(event, at: now)
        if engine.record.phase == .copy, before.phase < .copy {
            engine.note(MoveMeasure(allowed: bound(of: engine.record.move)))
            // Up to here it may boot anew, and run the instance again, as ever.
            let source = observations.hosts[engine.record.move.source]
            engine.note(sourceBoot: source?.capacity?.bootID ?? "")
            let target = observations.hosts[engine.record.move.target]
            engine.note(targetBoot: target?.capacity?.bootID ?? "")
        }
        decided.moves[id] = engine
        if engine.record != before {
            // A rolled-back instance gets a generation above the move's before its source runs it again.
            if engine.record.outcome != nil, before.outcome == nil, engine.record.outcome != .done {
                raiseGeneration(of: engine.record.move)
            }
            change(.putMove(engine.record))
            if engine.record.phase != before.phase { note(engine.record, .running) }
        }
        if old.isFlushing, !engine.record.isUnderWay, event == .gone(engine.record.move.target) {
            decided.unreleased[engine.record.move.instance] = engine.record.move.source
        }
        for effect in effects { carryOut(effect, of: engine.record) }
        sourceRegained(from: old, to: engine)
    }

    /// What all that leaves the source of a move may come to, where something else than the way bounds it.
    private func bound(of move: Move) -> BytesPerSecond? {
        let kind = state.instances[move.instance].flatMap {
            state.workloads[$0.value.workload]?.value.kind
        }
        let isQEMUs = move.mode == .live && kind == .vm
        // What agents compress goes as fast as that is done, as under a ceiling that nobody knows.
        return state.policy.value.movesCompression == .none || isQEMUs
            ? state.policy.value.movesBandwidth : BytesPerSecond(1)
    }

    /// An undone relocation may wait for its target for long; the source goes on meanwhile as if nothing had been.
    private mutating func sourceRegained(from old: MoveEngine, to new: MoveEngine) {
        guard new.record.isUnderWay else { return }
        let move = new.record.move
        if old.governs(move.source), !new.governs(move.source),
            let instance = state.instances[move.instance]?.value
        {
            tell(instance)
        }
    }

    private mutating func carryOut(_ effect: MoveEngine.Effect, of record: MoveRecord) {
        let move = record.move
        switch effect {
        case .order(let host, let phase, let undo): order(host, move, phase, undo: undo)
        case .arrived:
            guard var instance = state.instances[move.instance]?.value else { return }
            instance.host = move.target
            instance.movedAt = now
            // Above all that the source knows: whatever it still has of the instance is stale.
            instance.generation = generation(after: instance.generation)
            change(.putInstance(instance))
            observations.note(instance.id, on: move.target, .running, instance.generation)
            occurred(.instance(instance.id), "moved from \(move.source) to \(move.target)")
            // Before the source is told to let go of what it is attached by.
            tellNetworkChanges()
        case .leftover(let host):
            guard let instance = state.instances[move.instance]?.value else { return }
            removeLeftover(of: instance, from: host)
        case .trouble(let words): occurred(.move(move.id), words, .warning)
        case .ended(let outcome): moveEnded(record, outcome)
        }
    }

    private mutating func order(_ host: HostID, _ move: Move, _ phase: Move.Phase, undo: Bool) {
        let hasNothingToDo =
            switch phase {
            case .preflight: host == move.source && !canGoAhead(move)
            case .release: host == move.target && !isWorthFlushing(move)
            case .prepare, .copy, .switchOver, .confirm: false
            }
        if hasNothingToDo, !undo {
            return drive(
                move.id,
                .answered(by: host, phase: phase, undo: undo, failure: nil, endpoint: nil))
        }
        guard observations.hosts[host]?.session != nil,
            let instance = state.instances[move.instance]?.value,
            let workload = state.workloads[instance.workload]?.value
        else { return }
        guard undo || understands(host, phase, of: move) else { return }
        if let lack = lack(of: move, phase, undo: undo) {
            return drive(
                move.id,
                .answered(by: host, phase: phase, undo: undo, failure: lack, endpoint: nil))
        }
        let assigned = Assigned(
            instance: instance.id, generation: instance.generation, desired: .running,
            workload: workload,
            image: image(of: workload), imageSources: imageSources(of: workload, for: host),
            address: instance.address)
        let order = MoveOrderNote(
            move: move, role: host == move.source ? .source : .target, phase: phase, undo: undo,
            assigned: assigned, sourceAddress: observations.hosts[move.source]?.address ?? "",
            endpoint: decided.moves[move.id]?.record.endpoint,
            bandwidth: state.policy.value.movesBandwidth,
            compression: state.policy.value.movesCompression, streams: streams(of: move),
            takesPostcopy: isPostcopy(move),
            source: phase == .confirm && !undo
                ? decided.moves[move.id]?.source ?? .unknown : .unknown)
        effect(.instruct(host, .move(order)))
    }

    /// Whether there is something for the target to fetch while the instance runs, and a source to be told of it.
    private func canGoAhead(_ move: Move) -> Bool {
        guard observations.hosts[move.source]?.session != nil,
            let workload = state.instances[move.instance]?.value.workload
        else { return false }
        return state.workloads[workload].map { move.bringsAhead(of: $0.value) } ?? false
    }

    /// Whether the target has files of the instance that its source is about to remove, and that anybody is to have.
    private func isWorthFlushing(_ move: Move) -> Bool {
        guard let instance = state.instances[move.instance]?.value, instance.desired != .removed,
            let workload = state.workloads[instance.workload]?.value
        else { return false }
        return move.bringsFiles(of: workload)
    }

    /// Why the source cannot send what the target awaits: its agent may be another than the one that the target was made for.
    /// An older one would send by one stream, and the target wait for the others.
    private func lack(of move: Move, _ phase: Move.Phase, undo: Bool) -> String? {
        guard phase == .copy, !undo, let endpoint = decided.moves[move.id]?.record.endpoint
        else { return nil }
        let source = self.host(move.source)
        if endpoint.takesPostcopy, source.capacity.capability(.postcopy)?.available != true {
            return "\(move.source) can no longer send by post-copy"
        }
        guard endpoint.streams > 1, !MoveStreams.canSend(source) else { return nil }
        return "\(move.source) can no longer send over \(endpoint.streams) streams"
    }

    /// Whether an agent does not take the rest of a post-copy for that of a stream; one that was put back to an older version
    /// meanwhile would let the source go before all is there. It is waited for until it is of this version again.
    private func understands(_ host: HostID, _ phase: Move.Phase, of move: Move) -> Bool {
        guard isPostcopy(move), phase == .switchOver || phase == .confirm else { return true }
        return self.host(host).capacity.capability(.postcopy) != nil
    }

    private func isPostcopy(_ move: Move) -> Bool {
        decided.moves[move.id]?.record.isPostcopy ?? false
    }

    private func streams(of move: Move) -> Int {
        // QEMU takes one or the other.
        guard move.isStreamed, !isPostcopy(move) else { return 1 }
        return MoveStreams.count(
            from: host(move.source), to: host(move.target), under: state.policy.value,
            share: leastShare)
    }

    private mutating func raiseGeneration(of move: Move) {
        guard var instance = state.instances[move.instance]?.value else { return }
        instance.generation = generation(after: instance.generation)
        change(.putInstance(instance))
    }

    private mutating func moveEnded(_ record: MoveRecord, _ outcome: Move.Outcome) {
        let move = record.move
        decided.moves[move.id] = nil
        observations.forget(move.id)
        note(record, outcome == .done ? .done : .failed)
        switch outcome {
        case .done:
            report(record)
            forgetRefusals(after: move)
        case .rolledBack(let reason): occurred(.move(move.id), "rolled back: \(reason)", .warning)
        case .failed(let reason): occurred(.move(move.id), "failed: \(reason)", .failure)
        }
        noteDisplaced(move, outcome)
        pruneMoves()
        guard let instance = state.instances[move.instance]?.value else { return }
        if instance.desired == .removed {
            remove(instance.id)
        } else {
            // Whichever host has it now is told what is to be true of it, under the present generation.
            tell(instance)
            replaceNext(of: instance.workload)
        }
    }

    private mutating func pruneMoves() {
        let running = Set(state.plans.values.filter { $0.state == .running }.map(\.plan.id))
        let ended = state.moves.values
            .filter { record in
                !record.isUnderWay && !(record.move.plan.map(running.contains) ?? false)
            }
            .map(\.move.id).sorted(by: ClusterState.isEarlier)
        // Those of the last day are counted, see `calmSnapshot`.
        let day = now.advanced(by: .zero - ControlLimits.day)
        let old = ended.dropLast(ControlLimits.keptMoves)
        for (place, id) in old.enumerated() {
            let record = state.moves[id]
            let counts = record?.outcome == .done && (record?.endedAt ?? day) > day
            if counts, old.count - place <= ControlLimits.keptDoneMoves { continue }
            change(.removeMove(id))
        }
    }

    mutating func moveAnswered(
        _ id: MoveID, by host: HostID, _ phase: Move.Phase, undo: Bool, _ failure: String?,
        _ endpoint: MoveEndpoint?, _ measure: MoveMeasure
    ) {
        if measure != .nothing, let move = decided.moves[id]?.record.move,
            host == move.source || host == move.target
        {
            decided.moves[id]?.note(measure)
        }
        drive(
            id,
            .answered(by: host, phase: phase, undo: undo, failure: failure, endpoint: endpoint))
    }

    /// Keeps how far the source of a move is, and tells those who watch its plan.
    mutating func moveProgressed(_ id: MoveID, by host: HostID, _ progress: MoveProgress) {
        guard let record = decided.moves[id]?.record, record.move.source == host,
            record.outcome == nil
        else { return }
        observations.note(progress, of: id)
        note(record, .running)
    }

    /// Sends the present order of every move with `host` again: the connection may have lost it.
    mutating func resumeMoves(with host: HostID) {
        for id in decided.moves(with: host) { drive(id, .resume) }
    }

    /// Tells every move with `host` that it is here again.
    mutating func noteConnected(_ host: HostID, boot: String) {
        for id in decided.moves(with: host) { drive(id, .connected(host, boot: boot)) }
    }

    mutating func cancel(_ id: MoveID, _ request: RequestID) {
        guard let engine = decided.moves[id] else {
            let known = state.moves[id] != nil
            return refuse(
                request, known ? .conflict : .notFound,
                known ? "move \(id) has ended" : "there is no move \(id)")
        }
        guard engine.canCancel else {
            return refuse(
                request, .conflict,
                "move \(id) is in \(engine.record.phase.rawValue); it ends by itself now")
        }
        drive(id, .cancel)
        answer(request, .changed(state.revision, notes: []))
    }

    /// Tells those who watch its plan what a move does.
    private mutating func note(_ record: MoveRecord, _ state: PlanProgressNote.StepState) {
        guard let id = record.move.plan, let plan = self.state.plans[id]?.plan,
            let step = plan.steps.first(where: { step in
                guard case .move(record.move.instance, _, record.move.target, _) = step.action
                else { return false }
                return true
            })
        else { return }
        effect(
            .progress(
                PlanProgressNote(
                    plan: id, state: .running, reason: "",
                    step: PlanProgressNote.StepNote(
                        id: step.id, state: state, phase: state == .running ? record.phase : nil,
                        progress: state == .running
                            ? observations.moves[record.move.id] : nil))))
    }
}
