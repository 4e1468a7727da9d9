import NIOPosix
package import RPC

/// Runs `work` away from the event loop that serves its connection, so that it may wait for a disk or be busy for long.
///
/// A handler that blocks on the loop would keep the heartbeats of all its connections waiting; on the shared pool, which
/// has as many threads, everything else.
package func allowingBlocking<Value: Sendable>(
    _ work: () async throws(RPCStatus) -> Value
) async throws(RPCStatus) -> Value {
    try await withTaskExecutorPreference(BlockingExecutor.shared, operation: work)
}

/// Threads of their own for what blocks.
private final class BlockingExecutor: TaskExecutor {
    static let shared = BlockingExecutor()

    /// A few transfers at a time; a further one waits for its turn between two pieces.
    private let threads = NIOThreadPool(numberOfThreads: 4)

    private init() { threads.start() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        threads.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
