import ClusterModel
import ControlCore
import Synchronization

/// What the moves that leave this host may send, as its coordinator last said.
final class Uplink: Sendable {
    private let budget = Mutex(OutgoingBudget())

    /// Bytes a second for each move that sends now; `nil` is no limit.
    var share: BytesPerSecond? { budget.withLock(\.share) }

    func limit(to ceiling: BytesPerSecond?) { budget.withLock { $0.ceiling = ceiling } }

    /// A move begins to send; it has to `end` as often.
    func begin() { budget.withLock { $0.begin() } }

    func end() { budget.withLock { $0.end() } }
}
