import ClusterModel
import ControlCore
import Ports
import Wire

extension OperationRunner {
    /// Writes the instance down and takes it off the network: an address without its sockets would answer with
    /// resets.
    func checkpoint(_ id: InstanceID, _ kind: Workload.Kind) async throws(DriverFailure) {
        guard let driver = try drivers.driver(of: kind) as? any CheckpointingDriver else {
            throw DriverFailure(.unsupported, "a \(kind.rawValue) cannot be written down here")
        }
        try await driver.checkpoint(id)
        try await network?.detach(id)
    }

    /// Goes on from where the instance stopped: from what was kept of it, or in the QEMU that still has it.
    func resume(
        _ assigned: Assigned, _ incarnation: Generation
    ) async throws(DriverFailure) {
        let driver = try drivers.driver(of: assigned.workload.kind)
        if let mover = driver as? any LiveMoveDriver {
            do throws(DriverFailure) {
                return try await mover.resume(assigned.instance)
            } catch {
                // Its process is gone; what it wrote is still there.
                guard error.code == .notFound else { throw error }
            }
        }
        _ = try await driver.start(try await order(assigned, incarnation, held: true))
        if let address = assigned.address {
            try await network?.connect(assigned.instance, address: address)
        }
    }

    func receive(
        _ assigned: Assigned, _ incarnation: Generation, _ credentials: MoveCredentials
    ) async throws(DriverFailure) -> MoveEndpoint {
        guard let address else {
            throw DriverFailure(
                .unsupported, "no other host can reach this one",
                cause: "its agent has no numeric --address")
        }
        let mover = try drivers.liveMover(of: assigned.workload.kind)
        return try await mover.receive(
            try await order(assigned, incarnation), at: address, credentials: credentials)
    }

    func stream(
        _ assigned: Assigned, to endpoint: MoveEndpoint, _ credentials: MoveCredentials,
        _ move: MoveID
    ) async throws(DriverFailure) {
        let mover = try drivers.liveMover(of: assigned.workload.kind)
        try await mover.copy(
            assigned.instance, to: endpoint, credentials: credentials,
            downtime: assigned.workload.move.downtime
        ) { [link] progress in
            await link.send(
                .moveProgress(MoveProgressNote(move: move, progress: progress)))
        }
    }
}

extension DriverSet {
    /// The driver of `kind`, if its instances can change hosts while they run.
    func liveMover(of kind: Workload.Kind) throws(DriverFailure) -> any LiveMoveDriver {
        guard let mover = try driver(of: kind) as? any LiveMoveDriver else {
            throw DriverFailure(
                .unsupported, "a \(kind.rawValue) cannot be moved while it runs on this host")
        }
        return mover
    }
}
