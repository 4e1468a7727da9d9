import API
import ClusterModel
import ControlCore
import HostIO
import Logging
import Ports
import RPC
import Transport
import Wire

/// Does one thing with a driver at a time; what to do was decided by the engine.
struct OperationRunner: Sendable {
    let drivers: DriverSet
    let images: ImageKeeper
    let membership: Membership

    let network: NetworkKeeper?
    let link: CoordinatorLink
    /// Where other hosts reach this one.
    let address: IPv4Address?
    let uplink: Uplink
    let log: Logger
    let departed = DepartedLogs()

    /// What an operation came to.
    struct Outcome: Hashable, Sendable {
        /// Why it did not succeed; `nil` when it did.
        let failure: String?
        /// Where a streamed instance is waited for.
        var endpoint: MoveEndpoint?
        /// What was seen of a move.
        var measure = MoveMeasure.nothing
        /// What CRIU said of the program.
        var verdict: CheckpointVerdict?

        static let done = Outcome(failure: nil)
    }

    func run(_ operation: AgentOperation) async -> Outcome {
        do throws(DriverFailure) {
            return try await carryOut(operation)
        } catch {
            return Outcome(failure: error.words, verdict: error.verdict)
        }
    }

    private func carryOut(
        _ operation: AgentOperation
    ) async throws(DriverFailure) -> Outcome {
        let id = operation.instance
        switch operation.verb {
        case .start(let assigned, let incarnation):
            _ = try await drivers.driver(of: assigned.workload.kind)
                .start(try await order(assigned, incarnation))
        case .stop(let kind):
            try await drivers.driver(of: kind).stop(id, grace: AgentLimits.stopGrace)
        case .remove(let kind, let volumes): try await remove(id, kind, volumes)
        case .preflight(let assigned): try await preflight(assigned)
        case .prepare(let assigned, let ahead):
            try await prepare(assigned)
            return Outcome(
                failure: nil, measure: await fetchAhead(assigned, ahead, asItIs: false))
        case .prepareLive(let assigned, let ahead):
            try await prepareLive(assigned)
            return Outcome(
                failure: nil, measure: await fetchAhead(assigned, ahead, asItIs: true))
        case .fetch(let assigned, let address, let move):
            return Outcome(
                failure: nil, measure: try await fetch(assigned, from: address, move))
        case .startApart(let assigned, let incarnation):
            try await startApart(assigned, incarnation)
        case .hold(let assigned):
            let (network, address) = try joined(assigned)
            try await network.hold(id, address: address)
        case .connect(let assigned):
            let (network, address) = try joined(assigned)
            try await network.connect(id, address: address)
            // Looked at afterwards: until it is connected nobody has the address.
            try await confirm(id, assigned.workload.kind)
        case .confirm(let kind): try await confirm(id, kind)
        case .checkpoint(let assigned): try await checkpoint(assigned)
        case .resume(let assigned, let incarnation): try await resume(assigned, incarnation)
        case .receive(
            let assigned, let incarnation, let credentials, let streams, let takesPostcopy):
            return Outcome(
                failure: nil,
                endpoint: try await receive(
                    assigned, incarnation, credentials, over: streams,
                    takingPostcopy: takesPostcopy))
        case .stream(let assigned, let endpoint, let credentials, let move):
            return Outcome(
                failure: nil,
                measure: try await stream(assigned, to: endpoint, credentials, move))
        case .handOver(let assigned):
            let mover = try drivers.liveMover(of: assigned.workload.kind)
            uplink.begin()
            defer { uplink.end() }
            return Outcome(
                failure: nil,
                measure: try await mover.switchOver(
                    id, within: assigned.workload.move.ladder,
                    ceiling: { [uplink] in uplink.share }))
        case .arrive(let kind, let source):
            if try await drivers.liveMover(of: kind).arrived(id, from: source).isLost {
                return Outcome(failure: nil, measure: MoveMeasure(isLost: true))
            }
        case .dismiss(let kind):
            try await drivers.liveMover(of: kind).dismiss(id)
            try await network?.detach(id)
        }
        return .done
    }

    /// Brings what came of the instance to the disk; why not, where it cannot.
    func flush(_ id: InstanceID, _ kind: Workload.Kind) async -> String? {
        do throws(DriverFailure) {
            let driver = try drivers.driver(of: kind) as? any TransferringDriver
            try await driver?.flush(id)
            return nil
        } catch {
            return error.words
        }
    }

    /// - Parameter held: the instance is not to be heard before it is connected.
    func order(
        _ assigned: Assigned, _ incarnation: Generation, held: Bool = false
    ) async throws(DriverFailure) -> StartOrder {
        StartOrder(
            instance: assigned.instance, generation: incarnation, workload: assigned.workload,
            image: try await images.image(of: assigned),
            network: try await attachment(assigned, held: held))
    }

    /// How the instance is joined to the network; a host that has no part in it publishes ports of its own.
    private func attachment(
        _ assigned: Assigned, held: Bool
    ) async throws(DriverFailure) -> NetworkAttachment {
        guard let network, let address = assigned.address else {
            return .published(assigned.workload.program.ports)
        }
        let driver = try drivers.driver(of: assigned.workload.kind) as? any UserDriver
        let owner = try await driver?.user(for: assigned.instance)
        return try await network.attach(
            assigned.instance, address: address, owner: owner, held: held)
    }

    private func remove(
        _ id: InstanceID, _ kind: Workload.Kind, _ volumes: [String]
    ) async throws(DriverFailure) {
        let driver = try drivers.driver(of: kind)
        if !volumes.isEmpty, let keeper = driver as? any VolumeDriver {
            try await keeper.remove(id, with: volumes)
        } else {
            try await driver.remove(id)
        }
        try await network?.detach(id)
    }

    private func preflight(_ assigned: Assigned) async throws(DriverFailure) {
        let driver = try drivers.driver(of: assigned.workload.kind)
        let missing = await driver.probe().first {
            !$0.available && $0.name == assigned.workload.kind.driver
        }
        if let missing {
            throw DriverFailure(.unavailable, "the driver cannot run it now", cause: missing.detail)
        }
        if let driver = driver as? any SharingDriver {
            try await driver.requireShared(by: assigned.workload)
        }
    }

    private func confirm(_ id: InstanceID, _ kind: Workload.Kind) async throws(DriverFailure) {
        let seen = try await drivers.driver(of: kind).instances().first { $0.id == id }
        guard let seen else { throw DriverFailure(.notFound, "\(id) is not here") }
        if case .exited(let code) = seen.state {
            throw DriverFailure(.refused, "\(id) ended with code \(code) right after its start")
        }
    }

    /// Brings what the instance wrote; an instance of a driver that keeps nothing starts from its image.
    private func fetch(
        _ assigned: Assigned, from address: String, _ move: MoveID
    ) async throws(DriverFailure) -> MoveMeasure {
        guard let driver = try drivers.driver(of: assigned.workload.kind) as? any TransferringDriver
        else { return .nothing }
        let meter = FetchMeter()
        guard !address.isEmpty else {
            throw DriverFailure(
                .unavailable, "the files of \(assigned.instance) cannot be fetched",
                cause: "its host serves no other agents; start its agent with --address")
        }
        if let address = assigned.address {
            await network?.gather(assigned.instance, address: address, isNowhere: true)
        }
        let order = try await arrival(of: assigned)
        if try await fetchRest(order, of: assigned, from: address, move, meter) {
            return meter.measure
        }
        try await fetch(.all, of: assigned, from: address, move, meter) {
            (source) async throws(DriverFailure) in
            try await driver.adopt(order, from: source)
        }
        return meter.measure
    }

    /// Brings what has changed since the pass that came while the instance ran; whether that was all that is needed.
    private func fetchRest(
        _ order: StartOrder, of assigned: Assigned, from address: String, _ move: MoveID,
        _ meter: FetchMeter
    ) async throws(DriverFailure) -> Bool {
        guard
            let driver = try drivers.driver(of: assigned.workload.kind)
                as? any AheadTransferringDriver,
            let pass = driver.ahead(of: assigned.instance, in: move)
        else { return false }
        do throws(DriverFailure) {
            try await fetch(.rest(after: pass), of: assigned, from: address, move, meter) {
                (source) async throws(DriverFailure) in
                try await driver.adoptRest(order, after: pass, from: source)
            }
            return true
        } catch {
            guard !Task.isCancelled else { throw error }
            log.notice(
                "what came ahead is of no use",
                metadata: ["instance": "\(assigned.instance)", "reason": "\(error.words)"])
            return false
        }
    }

    /// Brings what may come while the instance runs; what does not is fetched when it has stopped.
    ///
    /// - Parameter asItIs: whether it is to go on here as it is, and not from its image.
    private func fetchAhead(
        _ assigned: Assigned, _ from: AgentOperation.Ahead?, asItIs: Bool
    ) async -> MoveMeasure {
        guard let from,
            let driver = try? drivers.driver(of: assigned.workload.kind)
                as? any AheadTransferringDriver
        else { return .nothing }
        let meter = FetchMeter()
        do throws(DriverFailure) {
            let order = try await arrival(of: assigned)
            let withMemory = asItIs && driver.hasRoomForMemory(of: order)
            try await fetch(
                .ahead(withLayer: asItIs, withMemory: withMemory), of: assigned,
                from: from.address, from.move, meter
            ) {
                (source) async throws(DriverFailure) in
                try await driver.adoptAhead(order, in: from.move, from: source)
            }
        } catch {
            log.info(
                "nothing came ahead",
                metadata: ["instance": "\(assigned.instance)", "reason": "\(error.words)"])
        }
        let measure = meter.measure
        return MoveMeasure(
            ahead: measure.bytes, bandwidth: measure.bandwidth, compression: measure.compression)
    }

    /// Only its files come; it is attached when it starts.
    private func arrival(of assigned: Assigned) async throws(DriverFailure) -> StartOrder {
        StartOrder(
            instance: assigned.instance, generation: assigned.generation,
            workload: assigned.workload, image: try await images.image(of: assigned),
            network: .published(assigned.workload.program.ports))
    }

    private func fetch(
        _ part: FetchInstanceRequest.Part, of assigned: Assigned, from address: String,
        _ move: MoveID, _ meter: FetchMeter,
        into adopt: (@escaping TransferSource) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        do throws(RPCStatus) {
            let client = try await Dialling.connect(address, membership.peerTLS)
            let chunks = try await PeersClient(client: client).fetchInstance(
                FetchInstanceRequest(
                    instance: assigned.instance, move: move, acceptsZstd: true, part: part))
            let files = IncomingFiles(from: chunks, into: meter)
            do throws(DriverFailure) {
                try await adopt { () async throws(DriverFailure) -> [UInt8]? in
                    try await files.next()
                }
                try await files.requireEnd()
            } catch {
                await client.close()
                throw RPCStatus(.internal, error.words)
            }
            await client.close()
        } catch {
            throw DriverFailure(
                .unavailable, "the files of \(assigned.instance) cannot be fetched",
                cause: error.message)
        }
    }

    private typealias TransferSource = @Sendable () async throws(DriverFailure) -> [UInt8]?

    // MARK: - Checks

    /// Why the check fails; `nil` when it does not.
    ///
    /// - Parameter apart: the copy has the address of one that runs elsewhere, so it is asked from inside its own
    ///   network namespace.
    func check(_ check: HealthCheck, of assigned: Assigned, apart: Bool) async -> String? {
        switch check.probe {
        case .exec(let command):
            await execute(command, in: assigned.instance, assigned.workload.kind)
        case .tcp(let port):
            await reach(port, assigned, apart) {
                await PortProbe.connect(
                    $0, port: $1, in: $2, within: AgentLimits.checkPatience)
            }
        case .http(let port, let path):
            await reach(port, assigned, apart) {
                await PortProbe.get(
                    path, $0, port: $1, in: $2, within: AgentLimits.checkPatience)
            }
        }
    }

    /// A port is checked at the instance's own address; where it has none, published on this host.
    private func reach(
        _ port: UInt16, _ assigned: Assigned, _ apart: Bool,
        _ probe: (String, UInt16, String?) async -> String?
    ) async -> String? {
        if let network, let address = assigned.address {
            guard apart else { return await probe("\(address)", port, nil) }
            guard let namespace = network.namespace(of: assigned.instance) else {
                return "\(assigned.instance) has no network namespace of its own here"
            }
            return await probe("\(address)", port, namespace)
        }
        let ports = assigned.workload.program.ports
        guard let published = ports.first(where: { $0.instance == port }) else {
            return "its check asks port \(port), which is not published"
        }
        return await probe(PortProbe.loopback, published.host, nil)
    }

    private func execute(_ command: [String], in id: InstanceID, _ kind: Workload.Kind) async
        -> String?
    {
        do throws(DriverFailure) {
            guard let driver = try drivers.driver(of: kind) as? any ExecutingDriver else {
                return "a \(kind.rawValue) cannot run a check inside"
            }
            let silent = TerminalSession(
                input: { () async throws(DriverFailure) -> [UInt8]? in nil },
                output: { _ async throws(DriverFailure) in })
            let code = try await driver.execute(command, in: id, terminal: false, session: silent)
            return code == 0 ? nil : "its check ended with code \(code)"
        } catch {
            return error.words
        }
    }
}

extension Workload.Kind {
    /// The capability that running this kind needs.
    var driver: Capability.Name {
        switch self {
        case .container: .podman
        case .vm: .qemu
        }
    }
}
