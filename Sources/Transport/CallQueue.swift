import Synchronization

/// The calls of one connection on their way to its task: one writer, one reader, a bound.
///
/// The reader takes all that wait at once: what one read from the socket brought is one turn of the task.
final class CallQueue: Sendable {
    private struct State {
        var waiting: [AcceptedCall] = []
        var isFinished = false
        var reader: CheckedContinuation<Void, Never>?

        mutating func takeReader() -> CheckedContinuation<Void, Never>? {
            defer { reader = nil }
            return reader
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Adds a call; false when too many wait or nobody will read.
    func add(_ call: AcceptedCall) -> Bool {
        let (isTaken, reader) = state.withLock {
            state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isFinished, state.waiting.count < limit else { return (false, nil) }
            state.waiting.append(call)
            return (true, state.takeReader())
        }
        reader?.resume()
        return isTaken
    }

    /// No call follows; those that wait are still read.
    func finish() {
        let reader = state.withLock { state in
            state.isFinished = true
            return state.takeReader()
        }
        reader?.resume()
    }

    /// The calls that wait, once there are some; none when it is finished or the task is cancelled.
    func next() async -> [AcceptedCall] {
        await withTaskCancellationHandler {
            while true {
                let (calls, isOver) = state.withLock { state in
                    var calls: [AcceptedCall] = []
                    swap(&calls, &state.waiting)
                    return (calls, state.isFinished)
                }
                if !calls.isEmpty || isOver { return calls }
                await wait()
            }
        } onCancel: {
            finish()
        }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.isFinished || !state.waiting.isEmpty { return true }
                precondition(state.reader == nil, "two tasks read one connection's calls")
                state.reader = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
