import Synchronization

/// The server's counters and its voice, shared by its connections.
final class ServerLedger: Sendable {
    private let state = Mutex(ServerCounters())
    private let onEvent: @Sendable (ServerEvent) -> Void

    init(onEvent: @escaping @Sendable (ServerEvent) -> Void) {
        self.onEvent = onEvent
    }

    var counters: ServerCounters { state.withLock { $0 } }

    func count(_ change: (inout ServerCounters) -> Void) {
        state.withLock { change(&$0) }
    }

    func report(_ event: ServerEvent) { onEvent(event) }
}
