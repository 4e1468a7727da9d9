import RPC
import Synchronization

/// A connection past its handshake, on its way to and in its task.
final class AcceptedConnection: Sendable {
    let peer: Peer
    let calls: CallQueue
    /// Runs the connection's task and those of its calls.
    let executor: LoopExecutor
    private let link: ConnectionLink
    private let isServed = Atomic(false)

    init(
        peer: Peer, calls: CallQueue, executor: LoopExecutor, link: ConnectionLink
    ) {
        self.peer = peer
        self.calls = calls
        self.executor = executor
        self.link = link
    }

    /// A server that stops drops those that it has not taken. One that was served has closed by itself.
    deinit {
        guard !isServed.load(ordering: .relaxed) else { return }
        for call in calls.abandon() { call.drop() }
        link.post(.close("closed from this side"))
    }

    /// Serves the connection's calls until it is gone, or until the task is cancelled and the last answers have left.
    func run(_ handler: any CallHandler) async {
        isServed.store(true, ordering: .relaxed)
        await withDiscardingTaskGroup { group in
            while true {
                let batch = await calls.next()
                if batch.isEmpty { break }
                for call in batch {
                    // Begins here and now: if its request is here in full, it is over without a wait.
                    group.addImmediateTask { [calls] in
                        await call.run(handler)
                        calls.done()
                    }
                }
            }
        }
        link.post(.shutDown)
        await link.closed()
    }
}
