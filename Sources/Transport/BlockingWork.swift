package import RPC

/// Runs `work` away from the event loop that serves its connection, so that it may wait for a disk or be busy for long.
///
/// A handler that blocks on the loop would keep the heartbeats of all its connections waiting.
package func allowingBlocking<Value: Sendable>(
    _ work: () async throws(RPCStatus) -> Value
) async throws(RPCStatus) -> Value {
    try await withTaskExecutorPreference(globalConcurrentExecutor, operation: work)
}
