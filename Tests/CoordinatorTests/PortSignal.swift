import Logging
import Synchronization

/// Learns from a coordinator's log which port it listens on.
final class PortSignal: Sendable {
    private let state = Mutex<(port: Int?, waiters: [CheckedContinuation<Int, Never>])>((nil, []))

    /// The port, as soon as there is one.
    func value() async -> Int {
        await withCheckedContinuation { continuation in
            let port = state.withLock { state in
                if state.port == nil { state.waiters.append(continuation) }
                return state.port
            }
            if let port { continuation.resume(returning: port) }
        }
    }

    /// Takes the first port that is logged, and nothing else.
    var handler: any LogHandler { Handler(signal: self) }

    private func set(_ port: Int) {
        let waiters = state.withLock { state in
            state.port = port
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: port) }
    }

    private struct Handler: LogHandler {
        let signal: PortSignal
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.notice

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if let port = event.metadata?["port"], let number = Int("\(port)") {
                signal.set(number)
            }
        }
    }
}
