import ClusterModel
import Synchronization

/// Copies under way, so that whoever ends the instance or the move need not wait for them.
final class OpenCopies: Sendable {
    /// For each instance that is copied whether it is to end.
    private let interrupted = Mutex<[InstanceID: Bool]>([:])

    /// The rung of its ladder that each copy which is done came to; forgotten with the agent, which climbs anew.
    private let rungs = Mutex<[InstanceID: Int]>([:])

    func note(_ rung: Int, of instance: InstanceID) { rungs.withLock { $0[instance] = rung } }

    /// What `note` was told, once; the lowest where nothing was.
    func takeRung(of instance: InstanceID) -> Int {
        rungs.withLock { $0.removeValue(forKey: instance) } ?? 0
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
