extension Snapshot {
    /// What a move of `view` from one host to another is expected to come to.
    ///
    /// - Parameter ceiling: what moves may take of the bandwidth; `nil` is all of it.
    package func forecast(
        _ mode: MoveMode, of view: InstanceView, from source: HostID, to target: HostID,
        ceiling: BytesPerSecond? = nil
    ) -> MoveForecast {
        let kind = view.workload.kind
        let way = MoveLinks.Way(source: source, target: target, kind: kind, mode: mode)
        let preference = view.workload.move
        var forecast = MoveForecast(
            mode, of: kind, carrying: view.carried(at: takenAt), over: links[way, at: takenAt],
            within: preference.ladder, ceiling: ceiling)
        // What nobody measured of late goes as ever: it may have calmed down.
        if mode == .live, preference.converge.contains(.postcopy), isMeasured(view),
            canPostcopy(from: source, to: target),
            let instead = forecast.postcopying(
                view.carried(at: takenAt), over: links[way, at: takenAt])
        {
            return instead
        }
        if mode == .restart, preference.converge.contains(.restart),
            Set([.live, .restart]).isSubset(of: preference.allow),
            canGoLive(view.workload, from: source, to: target),
            let endless = endless(view, from: source, to: target, ceiling: ceiling)
        {
            forecast.recourse = .restart(since: endless)
        }
        return forecast
    }

    /// Nothing is said against it by a picture without the hosts.
    private func canGoLive(_ workload: Workload, from: HostID, to: HostID) -> Bool {
        guard let from = host(from)?.host, let to = host(to)?.host else { return true }
        return MoveMode.possible(for: workload, from: from, to: to, refusals).contains(.live)
    }

    /// Both have to have said that they can.
    private func canPostcopy(from: HostID, to: HostID) -> Bool {
        [from, to].allSatisfy { id in
            host(id)?.host.capacity.capability(.postcopy)?.available == true
        }
    }

    /// How long `view` may stand still at the end of a live move: the rung of its ladder that is forecast, and the
    /// highest where none will do.
    ///
    /// - Parameter target: `nil` where it is not known yet; then over a way of which nothing was learnt.
    package func pause(
        of view: InstanceView, from source: HostID, to target: HostID?,
        ceiling: BytesPerSecond? = nil
    ) -> Duration {
        let ladder = view.workload.move.ladder
        guard ladder.rungs.count > 1 else { return ladder.first }
        let kind = view.workload.kind
        let link = target.map {
            links[MoveLinks.Way(source: source, target: $0, kind: kind, mode: .live), at: takenAt]
        }
        let forecast = MoveForecast(
            .live, of: kind, carrying: view.carried(at: takenAt),
            over: link ?? .assumed(.live, of: kind), within: ladder, ceiling: ceiling)
        if case .longer(let rung, _) = forecast.recourse { return rung }
        let goesOn =
            view.workload.move.converge.contains(.postcopy) && isMeasured(view)
            && target.map { canPostcopy(from: source, to: $0) } ?? false
        return forecast.endless == nil || goesOn ? ladder.first : ladder.most
    }

    /// Why `view` would not come to an end of a live move; `nil` where it would, or where nobody measured it
    /// of late.
    package func endless(
        _ view: InstanceView, from source: HostID, to target: HostID,
        ceiling: BytesPerSecond? = nil
    ) -> MoveForecast.Endless? {
        guard isMeasured(view) else { return nil }
        return forecast(.live, of: view, from: source, to: target, ceiling: ceiling).endless
    }

    /// Whether it was measured of late what a live move of `view` comes to.
    private func isMeasured(_ view: InstanceView) -> Bool {
        guard view.isStreamedByMeasure, let load = view.load else { return false }
        return takenAt.since(load.at) <= MoveLoad.validity
    }
}

extension Snapshot.InstanceView {
    /// Whether a live move of it is a race that was measured.
    package var isStreamedByMeasure: Bool {
        workload.kind == .vm && load?.changes != nil
    }

    /// What a move would carry: as measured, else the memory in use, else all that is reserved.
    func carried(at now: Instant) -> MoveLoad {
        if let load { return load }
        let used = use.last.map { Bytes($0.memory.last) }
        return MoveLoad(at: now, memory: used ?? reserved.memory)
    }
}
