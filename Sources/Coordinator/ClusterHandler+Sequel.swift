import ClusterModel
import ControlCore
import RPC

/// How it goes on with an instance whose stream from its host has ended.
enum Sequel: Hashable, Sendable {
    /// It is on another host now.
    case moved(to: HostID)
    /// A move that had stopped it was undone.
    case stayed
    /// The stream ended for a reason of its own.
    case over
}

extension ClusterHandler {
    private enum Whereabouts: Hashable, Sendable {
        case at(HostID)
        /// Its source has stopped it, or let go of it, and its move says where it runs next.
        case between
        case nowhere

        init(of instance: InstanceID, in engine: ClusterEngine) {
            let phase = engine.state.move(of: instance)?.phase
            if let phase, (.copy ..< .release).contains(phase) {
                self = .between
            } else {
                let host = engine.state.instances[instance]?.value.host
                self = host.map { .at($0) } ?? .nowhere
            }
        }
    }

    /// What follows on the stream of `instance` that `host` has ended; waits until a move under way says it.
    ///
    /// Asked every 100 ms: from the moment in which its source lets go of an instance a move takes a second.
    func sequel(of instance: InstanceID, at host: HostID) async throws(RPCStatus) -> Sequel {
        var hasWaited = false
        while true {
            let whereabouts = try await shell.read { Whereabouts(of: instance, in: $0) }
            switch whereabouts {
            case .at(host): return hasWaited ? .stayed : .over
            case .at(let next): return .moved(to: next)
            case .nowhere: return .over
            case .between:
                hasWaited = true
                do { try await Task.sleep(for: CoordinatorLimits.sequelPause) } catch {
                    throw RPCStatus(.cancelled, "the user went away")
                }
            }
        }
    }
}
