import ClusterModel
import HostIO
import Ports

/// What moves of the instances here would carry, as it was last measured.
///
/// One instance after the other, each every few minutes, so that a host with many VMs compares the pages of one at a time.
/// One that began just now is looked at again sooner: how it changes its memory while it starts says nothing of later.
actor MoveLoads {
    private var turns = LoadTurns()

    /// The last of each instance that still runs. Sent with every report: a coordinator that restarts knows nothing.
    var known: [InstanceID: MoveLoad] { turns.known }

    /// Takes what runs now; what is known of all else is forgotten.
    func follow(_ running: [InstanceID: Generation]) { turns.follow(running) }

    /// Measures those that run whose turn it is.
    func measure(by drivers: DriverSet, _ clock: SystemClock) async {
        for driver in drivers.all {
            guard let driver = driver as? any MeasuringDriver else { continue }
            for (id, generation) in turns.due(at: .now) {
                if Task.isCancelled { return }
                do throws(DriverFailure) {
                    let load = try await driver.load(of: id, at: clock.now)
                    turns.note(load, of: id, generation, at: .now)
                } catch {
                    // Another driver's, or one that cannot be asked: a move finds out for itself.
                    turns.leave(id, generation, for: AgentLimits.loadInterval, at: .now)
                }
            }
        }
    }
}
