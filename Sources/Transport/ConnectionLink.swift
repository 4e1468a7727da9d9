import NIOCore
import Synchronization

/// The way from tasks to a connection's event loop: a queue that wakes the loop once per batch.
///
/// Its length is bounded by what its writers may have outstanding: per call one `open`, `end` and
/// `halfClose`, and messages up to `Limits.queuedOutboundBytes`.
final class ConnectionLink: Sendable {
    private struct State {
        var pending: [Command] = []
        /// The loop is about to look by itself.
        var isAttended = false
        /// Carries out what is pending; `nil` once the connection is gone, which also breaks the
        /// cycle between link and handler.
        var wake: (@Sendable () -> Void)?
        var isSevered = false
        /// Whoever waits for the connection's end.
        var mourner: CheckedContinuation<Void, Never>?
    }

    private let eventLoop: any EventLoop
    private let state: Mutex<State>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        state = Mutex(State())
    }

    func attach(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wake = wake }
    }

    /// Queues a command; false when the connection is gone and nobody will read it.
    @discardableResult
    func post(_ command: Command) -> Bool {
        let (isOpen, wake) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            guard let wake = state.wake else { return (false, nil) }
            state.pending.append(command)
            return (true, state.pending.count == 1 && !state.isAttended ? wake : nil)
        }
        if let wake { eventLoop.execute(wake) }
        return isOpen
    }

    /// The loop will ask by `leave`, so nothing posted until then wakes it.
    func attend() {
        state.withLock { $0.isAttended = true }
    }

    /// What was posted; from now on posting wakes the loop again.
    func leave() -> [Command] {
        state.withLock { state in
            state.isAttended = false
            var commands: [Command] = []
            swap(&commands, &state.pending)
            return commands
        }
    }

    func take() -> [Command] {
        state.withLock { state in
            var commands: [Command] = []
            swap(&commands, &state.pending)
            return commands
        }
    }

    /// Ends the link; returns what will never be carried out.
    func sever() -> [Command] {
        let (commands, mourner) = state.withLock { state in
            defer {
                state.wake = nil
                state.pending = []
                state.isSevered = true
                state.mourner = nil
            }
            return (state.pending, state.mourner)
        }
        mourner?.resume()
        return commands
    }

    /// Returns when the connection is gone; for one task.
    func closed() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isSevered { state.mourner = continuation }
                return state.isSevered
            }
            if isOver { continuation.resume() }
        }
    }
}
