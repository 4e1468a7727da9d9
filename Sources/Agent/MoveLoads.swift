import ClusterModel
import HostIO
import Ports

/// What moves of the instances here would carry, as it was last measured.
///
/// One instance after the other, each every few minutes, so that a host with many VMs compares the pages of one at a time.
actor MoveLoads {
    /// What is known of one start of an instance: another one of the same name has other memory.
    private struct Known: Sendable {
        let generation: Generation
        var load: MoveLoad?
        /// Before this moment it is not measured again.
        var rests: ContinuousClock.Instant
    }

    private var instances: [InstanceID: Known] = [:]

    /// The last of each instance that still runs. Sent with every report: a coordinator that restarts knows nothing.
    var known: [InstanceID: MoveLoad] { instances.compactMapValues(\.load) }

    /// Measures those of `running` whose turn it is.
    func measure(
        _ running: [InstanceID: Generation], by drivers: DriverSet, _ clock: SystemClock
    ) async {
        instances = instances.filter { running[$0.key] == $0.value.generation }
        for driver in drivers.all {
            guard let driver = driver as? any MeasuringDriver else { continue }
            for (id, generation) in running.sorted(by: { $0.key < $1.key }) {
                if let rests = instances[id]?.rests, ContinuousClock.now < rests { continue }
                if Task.isCancelled { return }
                do throws(DriverFailure) {
                    let load = try await driver.load(of: id, at: clock.now)
                    // One that was busy is asked again with the next round.
                    let rest = load == nil ? .zero : AgentLimits.loadInterval
                    note(load, of: id, generation, for: rest)
                } catch {
                    // Another driver's, or one that cannot be asked: a move finds out for itself.
                    note(nil, of: id, generation, for: AgentLimits.loadInterval)
                }
            }
        }
    }

    private func note(
        _ load: MoveLoad?, of id: InstanceID, _ generation: Generation, for rest: Duration
    ) {
        instances[id] = Known(
            generation: generation, load: load ?? instances[id]?.load,
            rests: ContinuousClock.now + rest)
    }
}
