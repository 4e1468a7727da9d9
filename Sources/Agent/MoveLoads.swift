import ClusterModel
import HostIO
import Ports

/// What moves of the instances here would carry, as it was last measured.
///
/// One instance after the other, each every few minutes, so that a host with many VMs compares the pages of one at a time.
actor MoveLoads {
    /// The last of each instance that still runs. Sent with every report: a coordinator that restarts knows nothing.
    private(set) var known: [InstanceID: MoveLoad] = [:]
    /// Before which moment an instance is not measured again.
    private var rests: [InstanceID: ContinuousClock.Instant] = [:]

    /// Measures those of `running` whose turn it is.
    func measure(_ running: Set<InstanceID>, by drivers: DriverSet, _ clock: SystemClock) async {
        known = known.filter { running.contains($0.key) }
        rests = rests.filter { running.contains($0.key) }
        for driver in drivers.all {
            guard let driver = driver as? any MeasuringDriver else { continue }
            for id in running.sorted() where rests[id].map({ ContinuousClock.now >= $0 }) ?? true {
                if Task.isCancelled { return }
                do throws(DriverFailure) {
                    let load = try await driver.load(of: id, at: clock.now)
                    if let load { known[id] = load }
                    // One that was busy is asked again with the next round.
                    rest(id, for: load == nil ? .zero : AgentLimits.loadInterval)
                } catch {
                    // Another driver's, or one that cannot be asked: a move finds out for itself.
                    rest(id, for: AgentLimits.loadInterval)
                }
            }
        }
    }

    private func rest(_ id: InstanceID, for time: Duration) {
        rests[id] = ContinuousClock.now + time
    }
}
