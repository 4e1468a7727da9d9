import Dispatch
import Glibc
import Synchronization

/// A hold on one process, child or not, that cannot come to mean another one: a pidfd.
package final class ProcessHandle: Sendable {
    package let process: Int32
    private let descriptor: Int32

    /// Signals that drivers send.
    package enum Signal: Int32, Sendable {
        case hangUp = 1
        case kill = 9
        case terminate = 15
    }

    /// `nil` when there is no such process; a zombie is one until it is reaped.
    package init?(_ process: Int32) {
        let descriptor = LinuxCalls.openProcess(process)
        guard descriptor >= 0 else { return nil }
        self.process = process
        self.descriptor = descriptor
    }

    /// The process that `identity` names; `nil` when it has ended, whoever has its number now.
    package convenience init?(_ identity: ProcessIdentity) {
        self.init(identity.process)
        // The number may have been given away before the pidfd was opened, but not after.
        guard ProcessIdentity.current(of: identity.process) == identity else { return nil }
    }

    deinit { close(descriptor) }

    /// Whether it still runs; a zombie does not.
    package var isRunning: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 0
    }

    /// Sends a signal; false when the process has gone.
    @discardableResult
    package func signal(_ signal: Signal) -> Bool {
        LinuxCalls.signal(descriptor, signal.rawValue) == 0
    }

    /// Returns when the process has ended, or at once when the task is cancelled; true if it has
    /// ended.
    package func ended() async -> Bool {
        let source = ExitSource(
            DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global()))
        let waiting = Mutex<CheckedContinuation<Void, Never>?>(nil)
        // Cancelled by whichever comes first; only after that may the descriptor be closed, so it
        // is held until then.
        source.raw.setEventHandler { source.raw.cancel() }
        source.raw.setCancelHandler { [self] in
            withExtendedLifetime(self) { waiting.withLock { $0.take() }?.resume() }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.withLock { $0 = continuation }
                source.raw.activate()
            }
        } onCancel: {
            source.raw.cancel()
        }
        return !isRunning
    }
}

/// A dispatch source in more than one thread's hands.
///
/// Invariant: `cancel` and `activate` may be called from any thread (libdispatch documents all
/// calls on its objects as thread-safe; its Swift overlay only lacks the declaration), and handlers
/// are set before activation.
private struct ExitSource: @unchecked Sendable {
    let raw: any DispatchSourceRead

    init(_ raw: any DispatchSourceRead) { self.raw = raw }
}
