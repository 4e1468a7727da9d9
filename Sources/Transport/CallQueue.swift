import Synchronization

/// The calls of one connection on their way to its task: one writer, one reader, a bound.
///
/// The reader takes all that wait at once: what one read from the socket brought is one turn of the task.
final class CallQueue: Sendable {
    /// What became of a call that was added.
    enum Admission: Sendable {
        case taken
        /// As many calls as may be are waiting or running.
        case full
        /// Nobody will read it.
        case stopping
    }

    private struct State {
        var waiting: [AcceptedCall] = []
        /// Calls that were read and are not done.
        var running = 0
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

    func add(_ call: AcceptedCall) -> Admission {
        let (admission, reader) = state.withLock {
            state -> (Admission, CheckedContinuation<Void, Never>?) in
            guard !state.isFinished else { return (.stopping, nil) }
            guard state.waiting.count + state.running < limit else { return (.full, nil) }
            state.waiting.append(call)
            return (.taken, state.takeReader())
        }
        reader?.resume()
        return admission
    }

    /// A call that was read is done, whatever became of it.
    func done() { state.withLock { $0.running -= 1 } }

    /// Ends the queue; returns the calls that nobody will serve.
    func abandon() -> [AcceptedCall] {
        finish()
        return state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
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
                    state.running += calls.count
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
