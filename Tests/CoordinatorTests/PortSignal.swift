import Logging

/// Learns from a coordinator's log which port it listens on.
final class PortSignal: Sendable {
    private let ports: AsyncStream<Int>
    private let sink: AsyncStream<Int>.Continuation

    init() {
        (ports, sink) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingOldest(1))
    }

    /// The port, as soon as there is one.
    func value() async throws -> Int {
        for await port in ports { return port }
        throw CancellationError()
    }

    /// Takes the first port that is logged, and nothing else.
    var handler: any LogHandler { Handler(sink: sink) }

    private struct Handler: LogHandler {
        let sink: AsyncStream<Int>.Continuation
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.notice

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if let port = event.metadata?["port"], let number = Int("\(port)") {
                sink.yield(number)
            }
        }
    }
}
