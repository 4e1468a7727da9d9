import ClusterModel
import Ports

/// Whose turn it is to be looked at for what a move of it would carry, and what was found; sees no clock.
struct LoadTurns {
    /// What is known of one start of an instance: another one of the same name has other memory.
    private struct Entry {
        let generation: Generation
        var load: MoveLoad?
        /// How long it was left alone after the last look that told something.
        var rest: Duration
        /// Before this moment it is not looked at again.
        var rests: ContinuousClock.Instant
    }

    private var entries: [InstanceID: Entry] = [:]
    private var running: [InstanceID: Generation] = [:]

    /// The last of each instance that still runs.
    var known: [InstanceID: MoveLoad] {
        entries.filter { running[$0.key] == $0.value.generation }.compactMapValues(\.load)
    }

    /// Takes what runs now; what is known of all else is forgotten.
    mutating func follow(_ running: [InstanceID: Generation]) {
        self.running = running
        entries = entries.filter { running[$0.key] == $0.value.generation }
    }

    /// Those that run and whose turn it is, by name.
    func due(at now: ContinuousClock.Instant) -> [(id: InstanceID, generation: Generation)] {
        running.filter { now >= entry($0.key, $0.value)?.rests ?? now }
            .map { (id: $0.key, generation: $0.value) }.sorted { $0.id < $1.id }
    }

    /// Takes what a look told: it rests twice as long as after the one before. `nil` is one that was busy, which is
    /// asked again with the next round.
    mutating func note(
        _ load: MoveLoad?, of id: InstanceID, _ generation: Generation,
        at now: ContinuousClock.Instant
    ) {
        guard let load else { return leave(id, generation, for: .zero, at: now) }
        // Another start came meanwhile.
        guard running[id] == generation else { return }
        let last = entry(id, generation)?.rest ?? .zero
        let rest = max(AgentLimits.loadPause, min(AgentLimits.loadInterval, last * 2))
        entries[id] = Entry(generation: generation, load: load, rest: rest, rests: now + rest)
    }

    /// Leaves alone what could not be looked at; what was found before stands.
    mutating func leave(
        _ id: InstanceID, _ generation: Generation, for time: Duration,
        at now: ContinuousClock.Instant
    ) {
        guard running[id] == generation else { return }
        let last = entry(id, generation)
        entries[id] = Entry(
            generation: generation, load: last?.load, rest: last?.rest ?? .zero, rests: now + time)
    }

    /// What is known of this start, not of one before.
    private func entry(_ id: InstanceID, _ generation: Generation) -> Entry? {
        entries[id].flatMap { $0.generation == generation ? $0 : nil }
    }
}
