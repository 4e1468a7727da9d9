import ClusterModel
import Glibc
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

    @Test(
        "a volume leaves other files their part of a file system",
        .enabled(if: geteuid() == 0, "mounting a tmpfs needs root"))
    func volume() async throws {
        let directory = place + "/volume"
        try HostFile.makeDirectory(directory)
        var stream = [TransferFrame.version(TransferFrame.current).bytes]
        stream.append(TransferFrame.entry("data").bytes)
        let header = Self.emptyFile
        for number in 0..<200 {
            let files = (0..<128).flatMap { header("\(number)-\($0)") }
            stream.append(TransferFrame.data(files).bytes)
        }
        stream += [TransferFrame.endOfEntry.bytes, TransferFrame.end.bytes]
        try await withMount(directory, "size=64m,nr_inodes=20000") {
            let failure = try await refusal(of: stream, volume: directory)
            #expect(failure?.code == .exhausted)
            #expect(
                failure?.message == "a volume has more files than this host has room for",
                "\(failure.debugDescription)")
            let files = try #require(try HostFile.freeFiles(at: directory))
            // Others still can make some: tar may be a few hundred behind what it was given.
            #expect(files.left > 100 && files.left < files.all / 10, "\(files)")
        }
    }

    private func withMount(
        _ directory: String, _ options: String, _ body: () async throws -> Void
    ) async throws {
        let words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory]
        let mounted = try await Tool.run("/usr/bin/env", words)
        try #require(mounted.status.isSuccess, "\(mounted.complaint)")
        do { try await body() } catch {
            try await unmount(directory)
            throw error
        }
        try await unmount(directory)
    }

    /// Also when the test's time is over and its task cancelled.
    private func unmount(_ directory: String) async throws {
        let ended = try await Task {
            try await Tool.run("/usr/bin/env", ["umount", "--lazy", directory])
        }.value
        #expect(ended.status.isSuccess, "\(ended.complaint)")
    }

    /// What a driver that takes thirty images says to a stream; its Podman knows of nothing but one volume.
    private func refusal(
        of stream: [[UInt8]], volume: String = "/nowhere"
    ) async throws -> DriverFailure? {
        let rest = Mutex(stream[...])
        var failure: DriverFailure?
        try await StubPodman.answering({ request in
            request.path == "/volumes/huddlecrowd-data/json"
                ? .init(status: 200, body: #"{"Mountpoint": "\#(volume)"}"#) : .missing
        }) { service in
            let bench = PodmanBench(socket: service.socket, namespace: "huddlecrowd")
            let driver = try PodmanDriver(
                socket: service.socket, histories: place + "/logs", namespace: "huddlecrowd",
                checkpoints: CheckpointArea(
                    directory: place + "/memory", overflow: place + "/disk", diskReserve: .zero,
                    mostFiles: 30))
            let order = try bench.order(
                instance, generation: 2, command: ["true"],
                volumes: [Storage.Volume(name: "data", path: "/data")])
            failure = await #expect(throws: DriverFailure.self) {
                try await driver.adopt(order) { rest.withLock { $0.popFirst() } }
            }
        }
        return failure
    }

    /// An entry of tar.
    /// - Source: POSIX.1-2017, pax, "ustar Interchange Format".
    private static func emptyFile(_ name: String) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            header.replaceSubrange(place..<(place + text.utf8.count), with: Array(text.utf8))
        }
        put(name, at: 0)
        for (text, at) in [
            ("0000600", 100), ("0000000", 108), ("0000000", 116), ("00000000000", 124),
            ("00000000000", 136), ("        ", 148), ("0", 156), ("ustar\u{0}00", 257),
        ] { put(text, at: at) }
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.utf8.count) + sum + "\u{0} ", at: 148)
        return header
    }
}
