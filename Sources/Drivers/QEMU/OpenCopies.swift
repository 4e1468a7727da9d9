import ClusterModel
import Synchronization

/// Copies under way, so that whoever ends the instance or the move need not wait for them.
final class OpenCopies: Sendable {
    /// For each instance that is copied whether it is to end.
    private let interrupted = Mutex<[InstanceID: Bool]>([:])

    /// What each copy that is done came to; forgotten with the agent, which begins its approach anew.
    private let results = Mutex<[InstanceID: Result]>([:])

    /// What the switch-over has to know of the copy before it.
    struct Result: Hashable, Sendable {
        /// The rung of its ladder that it came to.
        let rung: Int
        /// How long QEMU may believe that the guest stands still, to begin with.
        let ambition: Duration
        /// How long the copy of the memory took.
        let took: Duration

        /// Of a copy that nobody knows.
        static let unknown = Result(
            rung: 0, ambition: Approach.least, took: .seconds(60))
    }

    func note(_ result: Result, of instance: InstanceID) {
        results.withLock { $0[instance] = result }
    }

    /// What `note` was told, once.
    func takeResult(of instance: InstanceID) -> Result {
        results.withLock { $0.removeValue(forKey: instance) } ?? .unknown
    }

    func begin(_ instance: InstanceID) { interrupted.withLock { $0[instance] = false } }

    func end(_ instance: InstanceID) { interrupted.withLock { $0[instance] = nil } }

    /// Has the copy of `instance`, if there is one, undo itself and fail.
    func interrupt(_ instance: InstanceID) {
        interrupted.withLock { if $0[instance] != nil { $0[instance] = true } }
    }

    func isInterrupted(_ instance: InstanceID) -> Bool {
        interrupted.withLock { $0[instance] == true }
    }
}
