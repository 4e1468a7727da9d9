package import ClusterModel

/// What hosts say; it may be old, and it is never stored.
package struct Observations: Hashable, Sendable {
    package private(set) var hosts: [HostID: HostObservation] = [:]
    package private(set) var instances: [InstanceID: InstanceObservation] = [:]
    /// How far the copies of moves under way are.
    package private(set) var moves: [MoveID: MoveAdvance] = [:]
    /// The network as hosts were last told of it.
    package var toldNetwork: NetworkMap?
    /// When this coordinator began to listen; a host that it never heard counts as heard then.
    package let since: Instant

    /// What is known of one host.
    package struct HostObservation: Hashable, Sendable {
        package var session: SessionID?
        package var capacity: Capacity?
        package var version: String = ""
        package var address: String = ""
        package var heardAt: Instant?
        package var isLost = false
        package var use = UseSeries.empty
        package var load = LoadWatch()
        package var images: [String] = []
        /// Instances it runs that were never decided to be anywhere.
        package var orphans: [InstanceID: Instance.Observed] = [:]
    }

    /// What is known of one instance.
    package struct InstanceObservation: Hashable, Sendable {
        package var observed: Instance.Observed
        package var host: HostID
        package var generation: Generation
        package var use = UseSeries.empty
        /// Processor time over the last day; it goes along when the instance moves.
        package var day = DayRecorder()
        /// What a live move would carry, as its host last measured it.
        package var load: MoveLoad?
    }

    package init(since: Instant) { self.since = since }

    package mutating func update(_ host: HostID, _ change: (inout HostObservation) -> Void) {
        change(&hosts[host, default: HostObservation()])
    }

    package mutating func forget(_ host: HostID) { hosts[host] = nil }

    package mutating func forget(_ instance: InstanceID) { instances[instance] = nil }

    package mutating func forget(_ move: MoveID) { moves[move] = nil }

    package mutating func note(_ progress: MoveProgress, of move: MoveID) {
        moves[move] = MoveAdvance(progress, after: moves[move])
    }

    /// Notes what `host` says of an instance that was decided to be there.
    package mutating func note(
        _ instance: InstanceID, on host: HostID, _ observed: Instance.Observed,
        _ generation: Generation
    ) {
        if var known = instances[instance], known.host == host {
            known.observed = observed
            known.generation = generation
            instances[instance] = known
        } else {
            instances[instance] = InstanceObservation(
                observed: observed, host: host, generation: generation,
                day: instances[instance]?.day ?? DayRecorder(), load: instances[instance]?.load)
        }
    }

    /// Notes what `host` measured of an instance there; buckets of the day are those of the coordinator's clock.
    package mutating func note(
        _ use: Use, of instance: InstanceID, on host: HostID, at now: Instant
    ) {
        guard instances[instance]?.host == host else { return }
        instances[instance]?.use.append(use)
        instances[instance]?.day.note(use.cpu.mean, at: now)
    }

    package mutating func note(_ load: MoveLoad, of instance: InstanceID, on host: HostID) {
        if instances[instance]?.host == host { instances[instance]?.load = load }
    }

    /// The state of `instance` as its own host last gave it.
    package func observed(_ instance: Instance) -> Instance.Observed {
        guard let host = instance.host else { return .pending }
        if hosts[host]?.isLost == true { return .unknown }
        guard let known = instances[instance.id], known.host == host else {
            return hosts[host]?.session == nil ? .unknown : .starting
        }
        return known.observed
    }
}

/// One connection of an agent; a later one of the same host replaces an earlier.
package struct SessionID: Hashable, Comparable, Sendable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}
