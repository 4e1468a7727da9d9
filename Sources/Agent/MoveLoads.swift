import ClusterModel
import HostIO
import Ports

/// What moves of the instances here would carry, as it was last measured.
///
/// One instance after the other, each every few minutes, so that a host with many VMs compares the pages of one at a time.
/// One that began just now is looked at again sooner: how it changes its memory while it starts says nothing of later.
actor MoveLoads {
    /// What is known of one start of an instance: another one of the same name has other memory.
    private struct Known: Sendable {
        let generation: Generation
        var load: MoveLoad?
        /// How long it is left alone after the last look that told something.
        var rest: Duration
        /// Before this moment it is not measured again.
        var rests: ContinuousClock.Instant
    }

    private var instances: [InstanceID: Known] = [:]

    private var running: [InstanceID: Generation] = [:]

    /// The last of each instance that still runs. Sent with every report: a coordinator that restarts knows nothing.
    var known: [InstanceID: MoveLoad] {
        instances.filter { running[$0.key] == $0.value.generation }.compactMapValues(\.load)
    }

    /// Takes what runs now; what is known of all else is forgotten.
    func follow(_ running: [InstanceID: Generation]) {
        self.running = running
        instances = instances.filter { running[$0.key] == $0.value.generation }
    }

    /// Measures those that run whose turn it is.
    func measure(by drivers: DriverSet, _ clock: SystemClock) async {
        for driver in drivers.all {
            guard let driver = driver as? any MeasuringDriver else { continue }
            for (id, generation) in running.sorted(by: { $0.key < $1.key }) {
                if let rests = instances[id]?.rests, ContinuousClock.now < rests { continue }
                if Task.isCancelled { return }
                do throws(DriverFailure) {
                    // One that was busy is asked again with the next round.
                    note(try await driver.load(of: id, at: clock.now), of: id, generation)
                } catch {
                    // Another driver's, or one that cannot be asked: a move finds out for itself.
                    rest(id, generation, for: AgentLimits.loadInterval)
                }
            }
        }
    }

    private func note(_ load: MoveLoad?, of id: InstanceID, _ generation: Generation) {
        guard let load else { return rest(id, generation, for: .zero) }
        let last = instances[id]?.rest ?? .zero
        let next = max(AgentLimits.loadPause, min(AgentLimits.loadInterval, last * 2))
        rest(id, generation, for: next)
        instances[id]?.load = load
        instances[id]?.rest = next
    }

    private func rest(_ id: InstanceID, _ generation: Generation, for time: Duration) {
        let known = instances[id]
        instances[id] = Known(
            generation: generation, load: known?.load, rest: known?.rest ?? .zero,
            rests: ContinuousClock.now + time)
    }
}
