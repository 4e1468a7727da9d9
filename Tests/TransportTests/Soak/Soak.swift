import Foundation
import Glibc
import RPC
import Synchronization
import Testing
import Transport

/// Clients that come and go, and a server that is stopped under them again and again, for minutes.
final class Soak: Sendable {
    static let isLong = ProcessInfo.processInfo.environment["HUDDLE_TEST_LONG"] == "1"

    /// A sanitizer keeps freed memory back, to see who still uses it: then only the rest is compared.
    private static let isSanitized =
        ProcessInfo.processInfo.environment["HUDDLE_TEST_SANITIZED"] == "1"

    /// How long it goes on, and how often the server is stopped.
    private static let length: Duration = isLong ? .seconds(600) : .seconds(8)
    private static let epoch: Duration = .seconds(1)
    private static let visitors = 8

    /// Epochs after which what is made once has been made: threads, caches, certificates' stores.
    private static let warmUp = 4

    /// How much the program may hold more than before: what each thread's allocator and queues keep of small pieces. Measured
    /// over ten minutes and 88 000 visits: nothing. 40 bytes a visit that never came back would be more.
    private static let allocatedSlack = 3 << 20

    /// How much more may be resident: allocators keep what they were given, on each thread its own.
    private static let memorySlack = 12 << 20

    private let handler = SoakHandler()
    private let cast: Cast
    private let deeds = Mutex<[SoakVisitor.Deed: Int]>([:])

    private init() throws { cast = try Cast() }

    /// Runs it all and records as issues what was left behind.
    static func run() async throws {
        stopKeepingBacktraces()
        let soak = try Soak()
        defer { soak.cast.remove() }
        try await soak.endure()
    }

    /// The testing library keeps a backtrace of every error that is thrown, 150 bytes a visit here.
    private static func stopKeepingBacktraces() {
        dlsym(nil, "_swift_willThrow")?.storeBytes(of: 0, as: UInt.self)
    }

    private func endure() async throws {
        var number: UInt64 = 0
        while number < Self.warmUp {
            try await serve(number)
            number += 1
        }
        let before = try ProcessFigures()
        let end = ContinuousClock.now + Self.length
        while ContinuousClock.now < end {
            try await serve(number)
            number += 1
            if number % 60 == 0 { say("\(number) epochs: \(try ProcessFigures())") }
        }
        let after = try await settled(before)
        let done = deeds.withLock { $0 }
        say("\(number) epochs, \(done); \(before), then \(after)")
        #expect(after.descriptors <= before.descriptors, "\(before), then \(after)")
        if !Self.isSanitized {
            #expect(
                after.allocated <= before.allocated + Self.allocatedSlack,
                "\(before), then \(after)")
            #expect(after.memory <= before.memory + Self.memorySlack, "\(before), then \(after)")
        }
        for deed in SoakVisitor.Deed.allCases { #expect(done[deed, default: 0] > 0, "\(deed)") }
    }

    private func say(_ line: String) {
        FileHandle.standardError.write(Data("soak: \(line)\n".utf8))
    }

    /// Closing is the kernel's and the loops' work, which lags behind.
    private func settled(_ before: ProcessFigures) async throws -> ProcessFigures {
        var figures = try ProcessFigures()
        for _ in 0..<100 where figures.descriptors > before.descriptors {
            try await Task.sleep(for: .milliseconds(50))
            figures = try ProcessFigures()
        }
        return figures
    }

    /// One life of the server; it stops while visitors are at it, every second time after they have left.
    private func serve(_ number: UInt64) async throws {
        let isSecure = number % 2 == 1
        let stopsFirst = number / 2 % 2 == 1
        let server = Server(
            host: "127.0.0.1", port: 0, tls: isSecure ? cast.server : nil, handler: handler)
        let port = try await server.bind()
        let tls = isSecure ? cast.client(cast.agent) : nil
        let end = ContinuousClock.now + Self.epoch
        await withTaskGroup(of: Void.self) { group in
            for visitor in 0..<Self.visitors {
                let random = Xorshift(seed: number << 8 | UInt64(visitor))
                group.addTask { [self] in
                    await send(SoakVisitor(port: port, tls: tls, random: random), until: end)
                }
            }
            let running = Task { try await server.run() }
            if stopsFirst {
                try? await Task.sleep(until: end - Self.epoch / 4, clock: .continuous)
            } else {
                await group.waitForAll()
            }
            running.cancel()
            _ = await running.result
            await group.waitForAll()
        }
        try await expectNothingLeft(of: server, number)
    }

    private func send(
        _ visitor: SoakVisitor, until end: ContinuousClock.Instant
    ) async {
        var visitor = visitor
        while ContinuousClock.now < end {
            // Once the server is gone there is nobody to visit; any other failure shows in the counts of deeds.
            guard let deed = try? await visitor.visit() else {
                try? await Task.sleep(for: .milliseconds(5))
                continue
            }
            deeds.withLock { $0[deed, default: 0] += 1 }
        }
    }

    private func expectNothingLeft(of server: Server, _ number: UInt64) async throws {
        for _ in 0..<200 where server.counters.openSockets > 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
        let counters = server.counters
        #expect(counters.openSockets == 0, "epoch \(number): \(counters)")
        #expect(counters.openConnections == 0, "epoch \(number): \(counters)")
        #expect(counters.openCalls == 0, "epoch \(number): \(counters)")
        #expect(handler.running == 0, "epoch \(number)")
    }
}
