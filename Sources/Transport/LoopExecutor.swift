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
    }

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

    /// The loop will call `run` by itself, so what is queued until then does not ask for it.
    func attend() {
        state.withLock { $0.isScheduled = true }
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
