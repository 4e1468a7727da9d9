import ClusterModel
import Ports
import Synchronization
import Telemetry

/// What this host is found to have and to be able to do; looked at again, because drivers come and go.
final class Survey: Sendable {
    private let drivers: DriverSet
    private let network: NetworkKeeper?
    private let reader: CapacityReader
    private let state: Mutex<Capacity>

    /// Looks for the first time.
    init(
        drivers: DriverSet, network: NetworkKeeper?, reader: CapacityReader
    ) async throws(TelemetryFailure) {
        self.drivers = drivers
        self.network = network
        self.reader = reader
        state = Mutex(try await Self.look(drivers, network, reader))
    }

    /// What was found last.
    var capacity: Capacity { state.withLock { $0 } }

    /// How long to wait before the next look: what is missing may be about to come.
    var patience: Duration {
        let isComplete = drivers.all.allSatisfy { driver in
            capacity.capability(driver.kind.driver)?.available == true
        }
        return isComplete ? AgentLimits.surveyInterval : AgentLimits.surveyIntervalWhileMissing
    }

    /// Looks again; the capacity when it has changed, else `nil`.
    func repeatLook() async throws(TelemetryFailure) -> Capacity? {
        let found = try await Self.look(drivers, network, reader)
        return state.withLock { known in
            guard known != found else { return nil }
            known = found
            return found
        }
    }

    private static func look(
        _ drivers: DriverSet, _ network: NetworkKeeper?, _ reader: CapacityReader
    ) async throws(TelemetryFailure) -> Capacity {
        var probed: [Capability] = []
        for driver in drivers.all { probed += await driver.probe() }
        if let network {
            probed.append(await network.probe())
        } else {
            probed.append(
                Capability(
                    .network, available: false,
                    detail: "the agent has no --address, or it is not a numeric one"))
        }
        return try reader.read(adding: probed)
    }
}
