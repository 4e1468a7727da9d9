import ClusterModel
import ControlCore
import Ports
import Wire

extension OperationRunner {
    /// Brings the image here and makes it ready, so that the start waits for nothing.
    func prepare(_ assigned: Assigned) async throws(DriverFailure) {
        let image = try await images.image(of: assigned)
        let driver = try drivers.driver(of: assigned.workload.kind)
        if let driver = driver as? any PreloadingDriver { try await driver.preload(image) }
    }

    /// And makes what the instance will be attached by: all that can be done while it still runs at its source.
    func prepareLive(_ assigned: Assigned) async throws(DriverFailure) {
        try await prepare(assigned)
        let (network, address) = try joined(assigned)
        _ = try await network.attach(
            assigned.instance, address: address, owner: nil, held: true)
        // What an earlier residence left connected would answer for it.
        try await network.hold(assigned.instance, address: address)
        // Before its source stops: what is sent in that very moment is what its peers would wait for longest.
        await network.gather(assigned.instance, address: address, isNowhere: false)
    }

    /// Writes the instance down and keeps it from being heard: an address without its sockets would answer with
    /// resets.
    func checkpoint(_ assigned: Assigned) async throws(DriverFailure) {
        let kind = assigned.workload.kind
        guard let driver = try drivers.driver(of: kind) as? any CheckpointingDriver else {
            throw DriverFailure(.unsupported, "a \(kind.rawValue) cannot be written down here")
        }
        try await driver.checkpoint(assigned.instance)
        if let address = assigned.address {
            try await network?.hold(assigned.instance, address: address)
        }
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
        let order = try await order(assigned, incarnation, held: true)
        if let address = assigned.address {
            try await network?.unmute(assigned.instance, address: address)
        }
        do throws(DriverFailure) {
            _ = try await driver.start(order)
        } catch {
            // Let out, and let nothing in: whatever is started here next is attached anew.
            if let address = assigned.address {
                try? await network?.hold(assigned.instance, address: address)
            }
            throw error
        }
        if let address = assigned.address {
            try await network?.connect(assigned.instance, address: address)
        }
    }

    /// Starts a copy of what runs elsewhere; what an earlier residence left connected here is held first.
    func startApart(
        _ assigned: Assigned, _ incarnation: Generation
    ) async throws(DriverFailure) {
        let (network, address) = try joined(assigned)
        let order = try await order(assigned, incarnation, held: true)
        try await network.hold(assigned.instance, address: address)
        _ = try await drivers.driver(of: assigned.workload.kind).start(order)
    }

    /// By what an instance is reached, which only one that has an address of its own can hand over.
    func joined(
        _ assigned: Assigned
    ) throws(DriverFailure) -> (NetworkKeeper, IPv4Address) {
        guard let network, let address = assigned.address else {
            throw DriverFailure(
                .unsupported, "\(assigned.instance) cannot hand its address over",
                cause: "it has none of its own, or this host no part in the network")
        }
        return (network, address)
    }

    func receive(
        _ assigned: Assigned, _ incarnation: Generation, _ credentials: MoveCredentials,
        over streams: Int, takingPostcopy: Bool
    ) async throws(DriverFailure) -> MoveEndpoint {
        guard let address else {
            throw DriverFailure(
                .unsupported, "no other host can reach this one",
                cause: "its agent has no numeric --address")
        }
        let mover = try drivers.liveMover(of: assigned.workload.kind)
        return try await mover.receive(
            try await order(assigned, incarnation), at: address, credentials: credentials,
            streams: streams, takingPostcopy: takingPostcopy)
    }

    func stream(
        _ assigned: Assigned, to endpoint: MoveEndpoint, _ credentials: MoveCredentials,
        _ move: MoveID
    ) async throws(DriverFailure) -> MoveMeasure {
        let mover = try drivers.liveMover(of: assigned.workload.kind)
        uplink.begin()
        defer { uplink.end() }
        return try await mover.copy(
            assigned.instance, to: endpoint, credentials: credentials,
            accepting: assigned.workload.move, ceiling: { [uplink] in uplink.share }
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
