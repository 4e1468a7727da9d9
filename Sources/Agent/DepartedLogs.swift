import ClusterModel
import Ports
import Synchronization

/// The ends of logs of instances that have just left for other hosts, whose agents come for them a moment later: so the
/// source need not wait for that before it removes what the instance left.
final class DepartedLogs: Sendable {
    private struct Departed: Sendable {
        let move: Move
        let lines: [LogChunk]
    }

    private let departed = Mutex<[Departed]>([])

    /// In place of the oldest, where there are too many that nobody came for.
    func keep(_ lines: [LogChunk], of move: Move) {
        departed.withLock { departed in
            departed.removeAll { $0.move.id == move.id }
            departed.append(Departed(move: move, lines: lines))
            departed.removeFirst(max(0, departed.count - AgentLimits.departedLogs))
        }
    }

    /// What `instance` wrote before it left in `move`, for the host to which it went alone; given once.
    func take(
        _ instance: InstanceID, leftIn move: MoveID, for host: HostID
    ) -> [LogChunk]? {
        departed.withLock { departed in
            let index = departed.firstIndex {
                $0.move.id == move && $0.move.instance == instance && $0.move.target == host
            }
            return index.map { departed.remove(at: $0).lines }
        }
    }
}
