import ClusterModel
import Ports
import Testing

extension Conformance {
    /// What came along with a move stands before what the instance writes here, and goes with it.
    func carryLog<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let greeting = bench.greeting(of: instance)
        let order = try bench.order(instance, generation: 1, .idle)
        await #expect(throws: DriverFailure.self, "there is nothing to put it before") {
            try await driver.precede(instance, with: [], marker: "no")
        }
        _ = try await driver.start(order)
        try await driver.awaitLog(of: instance, containing: greeting)
        // What it writes here ends with it, so that it is the same each time.
        try await driver.stop(instance, grace: .zero)
        let own = try await driver.log(of: instance, from: .arrival)
        #expect(own.contains(greeting))
        #expect(try await driver.log(of: instance, from: .oldest) == own)
        let lines = own.utf8.count { $0 == UInt8(ascii: "\n") }

        let earlier = [
            LogChunk(.output, Array("one\ntwo\n".utf8)), LogChunk(.error, Array("3".utf8)),
        ]
        try await driver.precede(instance, with: earlier, marker: "--- moved ---")
        let heir = try bench.makeHeir()
        #expect(
            try await heir.log(of: instance, from: .oldest)
                == "one\ntwo\n3\n--- moved ---\n" + own)
        #expect(
            try await heir.log(of: instance, from: .arrival, follow: true)
                == "\n--- moved ---\n" + own)
        #expect(try await heir.log(of: instance, from: .tail(lines)) == own)
        #expect(
            try await heir.log(of: instance, from: .tail(lines + 1)) == "--- moved ---\n" + own)
        #expect(
            try await heir.log(of: instance, from: .tail(lines + 3))
                == "two\n3\n--- moved ---\n" + own)
        // A move that is told of twice is told once.
        try await heir.precede(instance, with: [], marker: "--- again ---")
        #expect(try await driver.log(of: instance, from: .oldest) == "--- again ---\n" + own)
        // It outlives a restart where it is.
        _ = try await driver.start(order)
        #expect(try await driver.log(of: instance, from: .oldest).hasPrefix("--- again ---\n"))
    }
}
