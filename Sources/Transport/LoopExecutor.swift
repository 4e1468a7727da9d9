import NIOCore
import Synchronization

/// Runs tasks on one event loop, between its reads and its writes.
///
/// So a call's handler runs where its messages arrive and its answer leaves: no thread is woken for it, and the answers of
/// all calls that one read brought leave in one write.
final class LoopExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        /// The loop has been asked to run them.
        var isScheduled = false
        /// It goes on with them after its next look at the sockets.
        var isPostponed = false
        var polling = PollingPolicy()
        /// The loop looks at its sockets until then; `nil` when it may sleep.
        var watchedUntil: UInt64?
    }

    /// Time between two looks of a loop that does not sleep: about what one takes.
    private static let look = TimeAmount.microseconds(1)

    /// Batches of jobs between two looks at the sockets: enough for a handler that waits a few times.
    private static let batches = 8

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = state.withLock { state in
            state.jobs.append(job)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { eventLoop.execute { self.run() } }
    }

    /// Bytes came in, and the loop will call `run` by itself, so what is queued until then does not ask for it.
    func attend() {
        let now = NIODeadline.now().uptimeNanoseconds
        state.withLock { state in
            state.isScheduled = true
            state.polling.heard(at: now)
        }
    }

    /// An answer has left: the loop does not sleep at once where the next request is near; on the loop only.
    func answered() {
        let now = NIODeadline.now().uptimeNanoseconds
        let begins = state.withLock { state in
            guard let end = state.polling.answered(at: now) else { return false }
            defer { state.watchedUntil = end }
            return state.watchedUntil == nil
        }
        if begins { watch() }
    }

    /// Comes back after a look at the sockets, for as long as it pays.
    private func watch() {
        eventLoop.assumeIsolated().scheduleTask(in: Self.look) {
            let now = NIODeadline.now().uptimeNanoseconds
            let isOver = self.state.withLock { state in
                if let end = state.watchedUntil, now < end { return false }
                state.watchedUntil = nil
                return true
            }
            if !isOver { self.watch() }
        }
    }

    /// Runs what is queued, and what that queues; on the loop only.
    func run() {
        var jobs: [UnownedJob] = []
        for _ in 0..<Self.batches {
            let isIdle = state.withLock { state in
                swap(&jobs, &state.jobs)
                if jobs.isEmpty { state.isScheduled = false }
                return jobs.isEmpty
            }
            if isIdle { return }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
            jobs.removeAll(keepingCapacity: true)
        }
        // A task for at once would come before the sockets again, however often.
        let isFirst = state.withLock { state in
            defer { state.isPostponed = true }
            return !state.isPostponed
        }
        guard isFirst else { return }
        eventLoop.scheduleTask(in: .microseconds(50)) {
            self.state.withLock { $0.isPostponed = false }
            self.run()
        }
    }
}
