import ClusterModel
import Ports
import Synchronization

/// The host that `FakeDriver` pretends: it outlives any driver.
final class FakeWorld: Sendable {
    private let state = Mutex((machines: [InstanceID: Machine](), processes: Int32(100)))

    /// One pretended instance.
    struct Machine: Hashable, Sendable {
        let id: InstanceID
        let generation: Generation
        let process: Int32
        let cap: CPU?
        let log: String
        /// What came along with a move.
        var earlier: [LogChunk] = []
        var state: DriverInstance.State

        var described: DriverInstance {
            DriverInstance(
                id: id, generation: generation, state: state,
                controlGroup: state == .running ? "fake/\(id)" : nil)
        }
    }

    func machines() -> [InstanceID: Machine] { state.withLock { $0.machines } }

    func start(_ order: StartOrder) throws(DriverFailure) -> DriverInstance {
        try state.withLock { state throws(DriverFailure) in
            if let found = state.machines[order.instance] {
                guard found.generation <= order.generation else {
                    throw DriverFailure(.refused, "\(order.instance) has a newer generation here")
                }
                if found.generation == order.generation, found.state == .running {
                    return found.described
                }
            }
            state.processes += 1
            var machine = Machine(
                id: order.instance, generation: order.generation, process: state.processes,
                cap: order.workload.limit.cpu, log: "hello from \(order.instance)\n",
                state: .running)
            machine.earlier = state.machines[order.instance]?.earlier ?? []
            state.machines[order.instance] = machine
            return machine.described
        }
    }

    /// False where there is no such machine.
    func precede(_ instance: InstanceID, with lines: [LogChunk]) -> Bool {
        state.withLock { state in
            state.machines[instance]?.earlier = lines
            return state.machines[instance] != nil
        }
    }

    func end(_ instance: InstanceID, code: Int) {
        state.withLock { state in
            guard state.machines[instance]?.state == .running else { return }
            state.machines[instance]?.state = .exited(code: code)
        }
    }

    func remove(_ instance: InstanceID) {
        state.withLock { state in state.machines[instance] = nil }
    }
}

/// The suite's view of the pretended host.
struct FakeBench: ConformanceBench {
    let world = FakeWorld()
    private let begin = ContinuousClock.now

    func makeDriver() throws(DriverFailure) -> FakeDriver { FakeDriver(world) }

    func greeting(of instance: InstanceID) -> String { "hello from \(instance)" }

    func order(
        _ instance: InstanceID, generation: UInt64, _ behaviour: Behaviour
    ) throws -> StartOrder {
        let orders = PodmanBench(socket: "")
        return try orders.order(instance, generation: generation, behaviour)
    }

    func members(of instance: DriverInstance) throws -> [Int32] {
        world.machines()[instance.id].map { [$0.process] } ?? []
    }

    func kill(_ instance: DriverInstance) throws { world.end(instance.id, code: 137) }

    func leftovers(of instance: InstanceID) async throws -> [String] {
        world.machines()[instance] == nil ? [] : ["machine"]
    }

    func processorCap(of instance: DriverInstance) throws -> UInt64? {
        world.machines()[instance.id]?.cap?.millicores
    }

    func processorTime(of instance: DriverInstance) throws -> UInt64 {
        let cap = world.machines()[instance.id]?.cap?.millicores ?? 1000
        return UInt64((ContinuousClock.now - begin).milliseconds) * cap
    }
}
