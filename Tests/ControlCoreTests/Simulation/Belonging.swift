import ClusterModel
import ControlCore
import Simulator

/// What a host can have of an instance: all that drivers and the network make for it, each by itself.
///
/// Source: `OperationRunner` and the drivers; what they make while they are at it is counted from the beginning, so
/// that an agent or an engine that dies in between leaves all of it.
enum Belonging: String, CaseIterable, Comparable, Sendable {
    /// QEMU, or a container's own.
    case process
    case container
    /// A VM's directory with the overlay of its root disk.
    case overlay
    /// Tap or namespace, with its port in the bridge.
    case attachment
    /// What a checkpoint or a fetch brought to be gone on from.
    case archive
    /// What came of its volumes while it ran elsewhere, until the rest has come.
    case ahead
    /// The NBD server in which a streamed VM's disks arrive.
    case export
    /// Certificate and key of one move.
    case credential
    /// Migration and mirrors in the source's QEMU.
    case stream
    /// What the instance has written: volumes, further disks, the overlay's contents.
    case data

    /// What goes with the power.
    static let volatile: Set<Self> = [.process, .attachment, .archive, .export, .stream]

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// What an instance has where it runs and no move is under way.
    static func standing(_ move: DrilledMove) -> Set<Self> {
        let own: Set<Self> =
            move.kind == .vm
            ? [.process, .attachment, .overlay] : [.process, .attachment, .container]
        return move.writes ? own.union([.data]) : own
    }
}

extension World {
    mutating func begin(_ operation: AgentOperation, on id: HostID) {
        guard drill != nil else { return }
        hosts[id]?.belongings[operation.instance, default: []].formUnion(operation.makes)
    }

    mutating func end(_ operation: AgentOperation, on id: HostID, _ failure: String?) {
        guard let move = drill?.move else { return }
        let instance = operation.instance
        guard failure == nil else {
            // A copy that fails while somebody looks is taken back at once.
            if case .stream = operation.verb {
                bereave(instance, on: id, of: [.credential, .stream])
            }
            return
        }
        hosts[id]?.belongings[instance, default: []].formUnion(operation.makes)
        switch operation.verb {
        case .start, .resume, .startApart: begun(instance, on: id)
        case .fetch:
            bereave(instance, on: id, of: [.ahead])
            if move.writes { hosts[id]?.belongings[instance]?.insert(.data) }
        case .stop: bereave(instance, on: id, of: [.process, .stream, .export])
        case .checkpoint:
            bereave(instance, on: id, of: [.process])
            hosts[id]?.belongings[instance]?.insert(.archive)
        case .remove(_, let volumes):
            let stays = !move.lasting.isEmpty && volumes.isEmpty
            leave(instance, on: id, stays: stays ? [.data] : [])
        case .dismiss: leave(instance, on: id, stays: [])
        case .handOver: bereave(instance, on: id, of: [.credential, .stream])
        case .arrive: bereave(instance, on: id, of: [.credential, .export])
        case .preflight, .prepare, .prepareLive, .confirm, .hold, .connect, .receive, .stream:
            break
        }
    }

    mutating func bereave(_ instance: InstanceID, on id: HostID, of lost: Set<Belonging>) {
        hosts[id]?.belongings[instance]?.subtract(lost)
    }

    private mutating func leave(_ instance: InstanceID, on id: HostID, stays: Set<Belonging>) {
        hosts[id]?.belongings[instance]?.formIntersection(stays)
    }

    /// Whatever makes an instance run ends what a move left of itself there; and what it runs on is what it wrote.
    private mutating func begun(_ instance: InstanceID, on id: HostID) {
        bereave(instance, on: id, of: [.archive, .stream, .credential, .export])
        hosts[id]?.driver.streams[instance] = nil
        guard let drill, drill.move.writes,
            hosts[id]?.belongings[instance]?.contains(.data) == false
        else { return }
        hosts[id]?.belongings[instance]?.insert(.data)
        // The first start of all, and those after a loss that its user or an operator declared.
        guard drill.isUnderWay, !drill.mayBeginAnew else { return }
        violation = "\(instance) starts on \(id) without what it wrote"
    }
}

extension AgentOperation {
    /// What is there at the latest when it is done, and may be from its beginning on.
    fileprivate var makes: Set<Belonging> {
        switch verb {
        case .start(let assigned, _), .startApart(let assigned, _), .resume(let assigned, _):
            assigned.workload.kind == .vm
                ? [.overlay, .process, .attachment] : [.container, .process, .attachment]
        case .prepare(_, let ahead): ahead == nil ? [] : [.ahead]
        case .prepareLive(_, let ahead): ahead == nil ? [.attachment] : [.attachment, .ahead]
        case .fetch(let assigned, _, _): assigned.workload.kind == .vm ? [.overlay] : [.archive]
        case .receive: [.process, .attachment, .overlay, .credential, .export]
        case .stream: [.credential, .stream]
        case .stop, .remove, .preflight, .confirm, .hold, .connect, .checkpoint, .handOver,
            .arrive, .dismiss:
            []
        }
    }
}
