import ClusterModel
import HostIO
import Ports
import Synchronization
import Testing

extension WorkloadDriver {
    /// Removes what a failed test leaves, also when the test's time is over and its task cancelled.
    func removeInSpite(_ instance: InstanceID) async {
        await Task { try? await remove(instance) }.value
    }

    /// Everything a log call gives, as text.
    func log(of instance: InstanceID, tail: Int?, follow: Bool = false) async throws -> String {
        try await log(of: instance, from: tail.map { .tail($0) } ?? .oldest, follow: follow)
    }

    func log(
        of instance: InstanceID, from start: LogStart, follow: Bool = false
    ) async throws -> String {
        let collected = Collected()
        try await logs(of: instance, from: start, follow: follow) { collected.append($0) }
        return collected.text
    }

    /// Follows the log until `text` was printed; the test's time limit ends it otherwise.
    func awaitLog(of instance: InstanceID, containing text: String) async throws {
        let collected = Collected()
        do {
            try await logs(of: instance, from: .oldest, follow: true) {
                chunk throws(DriverFailure) in
                collected.append(chunk)
                if collected.text.contains(text) { throw DriverFailure(.refused, "seen") }
            }
        } catch {
            guard error.message == "seen" else { throw error }
            return
        }
        throw DriverFailure(.notFound, "'\(text)' was never printed", cause: collected.text)
    }

    /// Asks until the instance has exited: the kernel needs a moment to reap what was killed.
    func awaitExit(of instance: InstanceID, code: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        var last: DriverInstance?
        while ContinuousClock.now < deadline {
            last = try await instances().first { $0.id == instance }
            if last?.state == .exited(code: code) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw DriverFailure(.unavailable, "\(instance) is \(String(describing: last?.state))")
    }
}

/// What was printed, gathered across tasks.
final class Collected: Sendable {
    private let chunks = Mutex<[LogChunk]>([])

    func append(_ chunk: LogChunk) { chunks.withLock { $0.append(chunk) } }

    var all: [LogChunk] { chunks.withLock { $0 } }
    var text: String { String(decoding: all.flatMap(\.bytes), as: UTF8.self) }

    func text(of stream: LogChunk.Stream) -> String {
        String(decoding: all.filter { $0.stream == stream }.flatMap(\.bytes), as: UTF8.self)
    }
}

/// Where the tests find what they need of the machine.
enum TestMachine {
    static let podmanSocket = HostEnvironment.value(of: "HUDDLE_TEST_PODMAN_SOCKET")
    static let qemu = HostEnvironment.value(of: "HUDDLE_TEST_QEMU") == "1"
    static let guest = HostEnvironment.value(of: "HUDDLE_TEST_GUEST")
    /// As distributions have it: VMs' users are nobody's, and open their taps there.
    static let isTunOpen = (HostFile.status(of: "/dev/net/tun")?.permissions ?? 0) & 0o006 == 0o006
}

extension Trait where Self == ConditionTrait {
    /// For what boots guests in QEMU.
    static var withRealGuests: Self {
        .enabled(
            if: TestMachine.qemu && TestMachine.guest != nil,
            "HUDDLE_TEST_QEMU is not 1, or HUDDLE_TEST_GUEST names no guest files")
    }
}
