import RPC

/// A connection past its handshake, on its way to and in its task.
final class AcceptedConnection: Sendable {
    let peer: Peer
    let calls: AsyncStream<AcceptedCall>
    private let link: ConnectionLink

    init(peer: Peer, calls: AsyncStream<AcceptedCall>, link: ConnectionLink) {
        self.peer = peer
        self.calls = calls
        self.link = link
    }

    /// Nobody serves it: a server that stops drops those that it has not taken.
    deinit { link.post(.close) }

    /// Serves the connection's calls until it is gone or the task is cancelled.
    func run(_ handler: any CallHandler) async {
        await withDiscardingTaskGroup { group in
            for await call in calls {
                group.addTask { await call.run(handler) }
            }
        }
        link.post(.shutDown)
    }
}
