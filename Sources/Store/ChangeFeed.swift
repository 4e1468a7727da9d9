import ClusterModel
import Ports
import Synchronization

/// The history together with those who wait for its next transaction.
final class ChangeFeed: Sendable {
    private let state: Mutex<State>

    private struct State {
        var history: ChangeHistory
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
        var isClosed = false

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters.removeAll() }
            return Array(waiters.values)
        }
    }

    init(startingAt revision: Revision, limits: StoreLimits) {
        state = Mutex(State(history: ChangeHistory(startingAt: revision, limits: limits)))
    }

    /// Adds a committed transaction; called in the order of revisions.
    func publish(_ entries: [StoreEntry], revision: Revision) {
        let woken = state.withLock { state in
            state.history.append(entries, revision: revision)
            return state.takeWaiters()
        }
        // Outside the lock: a resumed watcher takes it at once.
        for waiter in woken { waiter.resume() }
    }

    /// Ends every watch.
    func close() {
        let woken = state.withLock { state in
            state.isClosed = true
            return state.takeWaiters()
        }
        for waiter in woken { waiter.resume() }
    }

    /// The first transaction after `revision`, waiting for it; `nil` when the task was cancelled.
    func next(after revision: Revision) async throws -> ChangeHistory.Transaction? {
        while !Task.isCancelled {
            let found = try state.withLock { state -> ChangeHistory.Transaction? in
                if let found = try state.history.next(after: revision) { return found }
                if state.isClosed { throw WatchInterruption.closed }
                return nil
            }
            if let found { return found }
            await wait(after: revision)
        }
        return nil
    }

    /// Returns when something was published after `revision`, or on cancellation.
    private func wait(after revision: Revision) async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNeedless = state.withLock { state in
                    // Checked under the lock that `publish`, `close` and the handler take, so no
                    // wake is lost.
                    if Task.isCancelled || state.isClosed || state.history.latest > revision {
                        return true
                    }
                    state.waiters[id] = continuation
                    return false
                }
                if isNeedless { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
