import RPC
import Testing
import Transport

/// Calls at an even pace, and how long the answers took.
struct HonestClient {
    private let client: Client

    init(port: Int) async throws { client = try await connect(port) }

    func close() async { await client.close() }

    /// `Sum` of 2 and 3.
    func call() async throws {
        let answer = try await client.unary(
            "/huddle.bench.v1.Bench/Sum", [0x08, 2, 0x10, 3], timeout: .seconds(20))
        #expect(answer == [0x08, 5])
    }

    /// The 99th percentile over `seconds`, of a call every 5 ms, or as soon as the one before is answered.
    func p99(over time: Duration) async throws -> Duration {
        let clock = ContinuousClock()
        let end = clock.now + time
        var next = clock.now
        var latencies: [Duration] = []
        while clock.now < end {
            // Counted from when it should have begun: what a call waits for the one before it is waiting too.
            let began = next
            try await call()
            latencies.append(clock.now - began)
            next += .milliseconds(5)
            try await clock.sleep(until: next)
        }
        latencies.sort()
        return latencies[min(latencies.count - 1, latencies.count * 99 / 100)]
    }
}
