import ClusterModel
import ControlCore
import Synchronization
import Wire

/// How the moves that leave this host may send, as its coordinator last said.
final class Uplink: Sendable {
    private let budget = Mutex(OutgoingBudget())
    private let chosen = Mutex(Policy.Compression.none)

    /// Bytes a second for each move that sends now; `nil` is no limit.
    var share: BytesPerSecond? { budget.withLock(\.share) }

    /// How what agents send is compressed; what QEMU sends is not.
    var compression: Policy.Compression { chosen.withLock { $0 } }

    func heard(_ order: MoveOrder) {
        budget.withLock { $0.ceiling = order.bandwidth }
        chosen.withLock { $0 = order.compression }
    }

    /// A move begins to send; it has to `end` as often.
    func begin() { budget.withLock { $0.begin() } }

    func end() { budget.withLock { $0.end() } }
}
