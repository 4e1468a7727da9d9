import ClusterModel

extension ClusterEngine {
    /// What a guard has to say.
    enum Verdict: Hashable, Sendable {
        case waits
        case good
        case bad([Trouble])
    }

    /// An instance that does worse than before.
    struct Trouble: Hashable, Sendable {
        let instance: InstanceID
        let host: HostID
        /// Such as `held back 22 % of the time, before 0 %`.
        let words: String
    }

    /// Whether the plan's waves are watched once they have arrived.
    func isGuarded(_ record: PlanRecord) -> Bool {
        switch state.policy.value.guardian {
        case .off: false
        case .auto: record.origin == .loop
        case .all: true
        }
    }

    /// How those that `wave` moves, and those where it brings them, do now.
    func before(_ wave: Wave) -> [Release.Before] {
        let window = state.policy.value.guardWindow
        let targets = wave.targets
        let near = state.instances.values.map(\.value).filter {
            $0.host.map(targets.contains) ?? false
        }.map(\.id)
        return Set(near + wave.origins.keys).sorted().compactMap { id in
            guard let instance = state.instances[id]?.value else { return nil }
            return Release.Before(
                instance: id, isWell: observations.observed(instance) == .running,
                strain: observations.instances[id]?.use.strain(over: window))
        }
    }

    /// Compares what is with what was, once it has settled and enough was reported.
    ///
    /// A check that fails needs no comparison. What a silent host has is not judged: nobody knows it.
    func verdict(on release: Release, of wave: Wave) -> Verdict {
        let window = state.policy.value.guardWindow
        // A coordinator that was away has seen nothing of that time.
        let waited = now.since(max(release.since, observations.since))
        guard waited >= ControlLimits.guardSettling else { return .waits }
        let unwell = release.before.compactMap(failing)
        guard unwell.isEmpty else { return .bad(unwell) }
        guard waited >= ControlLimits.guardSettling + window else { return .waits }
        var troubles: [Trouble] = []
        for before in release.before {
            guard let host = state.instances[before.instance]?.value.host,
                let was = before.strain
            else { continue }
            guard let now = observations.instances[before.instance]?.use.strain(over: window) else {
                let patience = ControlLimits.guardSettling + window * ControlLimits.guardWindows
                if waited < patience { return .waits }
                continue
            }
            if let words = Self.worse(now, than: was) {
                troubles.append(Trouble(instance: before.instance, host: host, words: words))
            }
        }
        return troubles.isEmpty ? .good : .bad(troubles)
    }

    private func failing(_ before: Release.Before) -> Trouble? {
        guard before.isWell, let instance = state.instances[before.instance]?.value,
            instance.desired == .running, let host = instance.host
        else { return nil }
        switch observations.observed(instance) {
        case .unhealthy(let reason):
            return Trouble(instance: instance.id, host: host, words: "its check fails: \(reason)")
        case .failed(let reason):
            return Trouble(instance: instance.id, host: host, words: "failed: \(reason)")
        case .pending, .starting, .running, .stopped, .unknown, .held: return nil
        }
    }

    private static func worse(_ now: Strain, than before: Strain) -> String? {
        func words(_ now: Share, _ before: Share, by rise: Share, _ what: String) -> String? {
            // What agents report may be absurd.
            let (new, old) = (UInt64(now.permille), UInt64(before.permille))
            guard new >= old + UInt64(rise.permille), new * 2 >= old * 3 else { return nil }
            return "\(what) \(LoopWords.text(now)) of the time, before \(LoopWords.text(before))"
        }
        if let found = words(
            now.throttled, before.throttled, by: ControlLimits.guardThrottled, "held back")
        {
            return found
        }
        guard let own = now.pressure, let was = before.pressure else { return nil }
        let rise = ControlLimits.guardPressure
        return words(own.cpu, was.cpu, by: rise, "waits for processors")
            ?? words(own.memory, was.memory, by: rise, "waits for memory")
            ?? words(own.io, was.io, by: rise, "waits for disks")
    }

    /// Undoes a wave after which somebody does worse, and remembers who is not to be brought where.
    mutating func trip(
        _ release: Release, _ wave: Wave, of record: PlanRecord, _ troubles: [Trouble]
    ) {
        let words = troubles.map { "\($0.instance) on \($0.host) \($0.words)" }
        let told = words.prefix(Self.toldTroubles).joined(separator: "; ")
        let more = words.count - Self.toldTroubles
        let why = told + (more > 0 ? " and \(more) more" : "")
        occurred(.plan(record.plan.id), "its guard trips: \(why)", .warning)
        let until = now.advanced(by: state.policy.value.guardMemory)
        for (instance, host) in pairs(release, wave, Set(troubles.map(\.host))) {
            change(
                .putPairing(Pairing(instance: instance, host: host, until: until, reason: why)))
        }
        undo(wave, of: record, because: "its guard tripped: \(why)")
    }

    private static let toldTroubles = 3

    /// What came to a host where somebody does worse is not brought there again; nor is what was there before brought to
    /// where that came from, because the same would share a host again.
    private func pairs(
        _ release: Release, _ wave: Wave, _ troubled: Set<HostID>
    ) -> [(InstanceID, HostID)] {
        let origins = wave.origins
        var pairs: [(InstanceID, HostID)] = []
        for before in release.before {
            guard let host = state.instances[before.instance]?.value.host, troubled.contains(host)
            else { continue }
            if origins[before.instance] != nil {
                pairs.append((before.instance, host))
            } else {
                let sources = Set(
                    origins.filter { state.instances[$0.key]?.value.host == host }.values)
                for source in sources.sorted() { pairs.append((before.instance, source)) }
            }
        }
        return pairs
    }

    /// Forgets pairings that are over, or whose host or instance is gone.
    mutating func forgetPairings() {
        for (instance, known) in state.pairings.sorted(by: { $0.key < $1.key }) {
            for pairing in known.values.sorted(by: { $0.host < $1.host })
            where pairing.until <= now || state.instances[instance] == nil
                || state.hosts[pairing.host] == nil
            {
                change(.removePairing(instance, pairing.host))
            }
        }
    }
}
