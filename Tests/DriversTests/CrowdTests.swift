import ClusterModel
import HostIO
import Ports
import Synchronization
import Testing

@testable import Drivers

/// Many tiny files, of which a count of bytes says nothing.
@Suite(.timeLimit(.minutes(1))) final class CrowdTests {
    private let place = "/tmp/huddle-test-crowd-\(UInt32.random(in: 0...UInt32.max))"
    private let instance = InstanceID("crowd-0")

    deinit { try? HostFile.remove(place) }

    @Test("a checkpoint with more images than a host takes is refused, and nothing of it stays")
    func images() async throws {
        var stream = [TransferFrame.version(TransferFrame.current).bytes]
        stream.append(TransferFrame.entry(CheckpointEntry.images(.zero).name).bytes)
        for number in 0...30 {
            stream.append(CheckpointEntry.image("core-\(number).img").bytes)
            stream.append(TransferFrame.endOfEntry.bytes)
        }
        let failure = try await refusal(of: stream)
        #expect(failure?.code == .refused)
        #expect(failure?.message == "the checkpoint has more files than a host takes")
        #expect(try HostFile.names(in: place + "/memory") == [])
    }

    /// What a driver that takes thirty images says to a stream; its Podman knows of nothing.
    private func refusal(of stream: [[UInt8]]) async throws -> DriverFailure? {
        let rest = Mutex(stream[...])
        var failure: DriverFailure?
        try await StubPodman.answering({ _ in .missing }) { service in
            let bench = PodmanBench(socket: service.socket, namespace: "huddlecrowd")
            let driver = try PodmanDriver(
                socket: service.socket, histories: place + "/logs", namespace: "huddlecrowd",
                checkpoints: CheckpointArea(
                    directory: place + "/memory", overflow: place + "/disk", diskReserve: .zero,
                    mostFiles: 30))
            let order = try bench.order(
                instance, generation: 2, command: ["true"])
            failure = await #expect(throws: DriverFailure.self) {
                try await driver.adopt(order) { rest.withLock { $0.popFirst() } }
            }
        }
        return failure
    }
}
