import RPC
import Synchronization

/// The task of a call's handler, as whoever ends the call elsewhere sees it: it can be cancelled.
///
/// A reference to a task is good only while the task runs. So it is used under a lock that the task takes when it leaves, and
/// whoever cancels is done before the task can be gone. What runs on cancelling (`onCancel`) may take other locks, and never
/// this one, because a call ends only once.
struct HandlerTask: ~Copyable, Sendable {
    // Not private: the compiler (6.3.1, debug) cannot lay the struct out for another file then.
    enum State {
        case waiting  // → running, cancelled
        case running(Reference)  // → cancelled, left
        case cancelled  // → left
        case left
    }

    /// Invariant: read only under the lock, and only in a state that the task has not left.
    struct Reference: @unchecked Sendable {
        let task: UnsafeCurrentTask
    }

    private let state = Mutex(State.waiting)

    /// Runs `body` in this task, which can be cancelled until it is done.
    func run(_ body: @Sendable () async -> RPCStatus) async -> RPCStatus {
        await withUnsafeCurrentTask { task in
            if let task { enter(Reference(task: task)) }
            let status = await body()
            state.withLock { $0 = .left }
            return status
        }
    }

    func cancel() {
        state.withLock { state in
            switch state {
            case .waiting: state = .cancelled
            case .running(let reference):
                reference.task.cancel()
                state = .cancelled
            case .cancelled, .left: break
            }
        }
    }

    private func enter(_ reference: Reference) {
        state.withLock { state in
            switch state {
            case .waiting: state = .running(reference)
            case .cancelled: reference.task.cancel()
            case .running, .left: preconditionFailure("one call was served twice")
            }
        }
    }
}
