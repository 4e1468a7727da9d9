import ClusterModel
import ControlCore
import Ports
import Wire

// What the engine says and what the wire carries are the same facts in two shapes; here and nowhere else they
// are turned into one another.

extension Assigned {
    init(_ assignment: Assignment) {
        self.init(
            instance: assignment.instance, generation: assignment.generation,
            desired: assignment.desired, workload: assignment.workload, image: assignment.image,
            imageSources: assignment.imageHosts, removeVolumes: assignment.removeVolumes,
            address: assignment.address)
    }

    var wire: Assignment {
        Assignment(
            instance: instance, generation: generation, desired: desired, workload: workload,
            image: image, imageHosts: imageSources, removeVolumes: removeVolumes, address: address)
    }
}

extension MoveOrderNote {
    /// The order as it is meant for `host`.
    init(_ order: MoveOrder, for host: HostID) {
        self.init(
            move: order.move, role: order.move.source == host ? .source : .target,
            phase: order.phase,
            undo: order.undo, assigned: Assigned(order.assignment),
            sourceAddress: order.sourceAddress, endpoint: order.endpoint,
            credentials: order.credentials, bandwidth: order.bandwidth,
            compression: order.compression, streams: order.streams,
            takesPostcopy: order.takesPostcopy,
            source: order.source)
    }
}

extension AgentNews.InstanceStatus {
    var wire: InstanceStatus { InstanceStatus(id: id, generation: generation, observed: observed) }
}

extension SeenInstance {
    init(_ instance: DriverInstance) {
        let state: State =
            switch instance.state {
            case .running: .running
            case .exited(let code): .exited(code: code)
            }
        self.init(id: instance.id, incarnation: instance.generation, state: state)
    }
}

extension DriverFailure {
    /// The failure as an operator reads it.
    var words: String { cause.map { "\(message): \($0)" } ?? message }
}
