import RPC

/// A connection past its handshake, on its way to and in its task.
final class AcceptedConnection: Sendable {
    let peer: Peer
    let calls: CallQueue
    /// Runs the connection's task and those of its calls.
    let executor: LoopExecutor
    private let link: ConnectionLink

    init(
        peer: Peer, calls: CallQueue, executor: LoopExecutor, link: ConnectionLink
    ) {
        self.peer = peer
        self.calls = calls
        self.executor = executor
        self.link = link
    }

    /// Nobody serves it: a server that stops drops those that it has not taken.
    deinit { link.post(.close("closed from this side")) }

    /// Serves the connection's calls until it is gone or the task is cancelled.
    func run(_ handler: any CallHandler) async {
        await withDiscardingTaskGroup { group in
            while true {
                let batch = await calls.next()
                if batch.isEmpty { break }
                for call in batch {
                    // Begins here and now: if its request is here in full, it is over without a wait.
                    group.addImmediateTask { await call.run(handler) }
                }
            }
        }
        link.post(.shutDown)
    }
}
