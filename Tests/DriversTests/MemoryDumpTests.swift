import ClusterModel
import Foundation
import HostIO
import Ports
import Synchronization
import Testing

@testable import Drivers

/// Who may end what is being written down while it runs, and when.
@Suite(.timeLimit(.minutes(1)))
struct MemoryDumpTests {
    private let dumps = MemoryDumps()
    private let instance = InstanceID("web-0")

    @Test func whatIsNotWrittenDownInTimeIsEnded() async throws {
        try await withSleeper { sleeper in
            let begun = Gate()
            async let dump: Bool? = write(sleeper) {
                begun.open()
                _ = await sleeper.ended()
            }
            await begun.wait()
            let (left, runs) = try await dumps.ending(instance, within: .milliseconds(50)) {
                (left) async throws(DriverFailure) in (left, sleeper.isRunning)
            }
            #expect(left == .zero)
            #expect(!runs)
            #expect(try await dump == true)
        }
    }

    @Test func whatIsWrittenDownInTimeIsLeftToPodman() async throws {
        try await withDump { sleeper, over in
            async let left = dumps.ending(instance, within: .seconds(30)) { $0 }
            while !dumps.isEnding(instance) { await Task.yield() }
            over.open()
            let rest = try await left
            #expect(rest > .zero && rest < .seconds(30))
            #expect(sleeper.isRunning)
        }
    }

    @Test func nothingIsBegunOfWhatIsBeingEnded() async throws {
        try await withSleeper { sleeper in
            let (left, begun) = try await dumps.ending(instance, within: .seconds(5)) {
                (left) async throws(DriverFailure) in
                (left, try await write(sleeper) {})
            }
            #expect(left == .seconds(5))
            #expect(begun == nil)
            #expect(try await write(sleeper) {} == true)
            #expect(sleeper.isRunning)
        }
    }

    /// Whoever gave up his wish to end it does not end it.
    @Test func aStopThatIsCancelledEndsNothing() async throws {
        try await withDump { sleeper, over in
            let stop = Task { try await dumps.ending(instance, within: .seconds(30)) { _ in } }
            stop.cancel()
            try await stop.value
            let late = DriverFailure(.unavailable, "it runs")
            await #expect(throws: late) {
                try await withDeadline(.milliseconds(200), late: late) {
                    () async throws(DriverFailure) -> Bool in await sleeper.ended()
                }
            }
        }
    }

    @Test func oneAtATime() async throws {
        try await withSleeper { sleeper in
            let second = Mutex<Result<Bool?, DriverFailure>>(.success(true))
            let first = try await write(sleeper) {
                let begun: Result<Bool?, DriverFailure>
                do throws(DriverFailure) { begun = .success(try await write(sleeper) {}) } catch {
                    begun = .failure(error)
                }
                second.withLock { $0 = begun }
            }
            #expect(first == true)
            #expect(try second.withLock { $0 }.get() == nil)
        }
    }

    // MARK: What the tests share

    /// `nil` where it was not begun.
    private func write(
        _ sleeper: ProcessHandle, _ work: @Sendable () async -> Void
    ) async throws(DriverFailure) -> Bool? {
        try await dumps.holdingIfFree(instance) { () async throws(DriverFailure) -> Bool? in
            try await dumps.allowingEnd(of: instance, by: sleeper) {
                await work()
                return true
            }
        } ?? nil
    }

    /// While the sleeper is written down, until the gate is opened.
    private func withDump(_ body: (ProcessHandle, Gate) async throws -> Void) async throws {
        try await withSleeper { sleeper in
            let (begun, over) = (Gate(), Gate())
            async let dump: Bool? = write(sleeper) {
                begun.open()
                await over.wait()
            }
            await begun.wait()
            let result = await outcome { try await body(sleeper, over) }
            over.open()
            #expect(try await dump == true)
            try result.get()
        }
    }

    private func withSleeper(_ body: (ProcessHandle) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sleep")
        process.arguments = ["600"]
        try process.run()
        let handle = try #require(ProcessHandle(process.processIdentifier))
        let result = await outcome { try await body(handle) }
        handle.signal(.kill)
        process.waitUntilExit()
        try result.get()
    }
}

/// Closed until it is opened, for the one who waits.
private final class Gate: Sendable {
    private let (passage, entrance) = AsyncStream.makeStream(of: Void.self)

    func open() { entrance.finish() }

    func wait() async { for await _ in passage {} }
}
