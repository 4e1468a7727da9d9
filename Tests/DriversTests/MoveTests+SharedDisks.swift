import ClusterModel
import Drivers
import HostIO
import Ports
import Testing

/// Disks whose files lie where two drivers see them: the guest has one of its host's own as well, `/dev/vda`.
extension MoveTests {
    private struct Export: Decodable, Sendable {
        let node: String
        enum CodingKeys: String, CodingKey { case node = "node-name" }
    }

    @Test func aSharedDiskStaysWhileTheOtherIsCopied() async throws {
        try await withMount { directory in
            let id = InstanceID("sharer-0")
            let order = try order(id, in: directory)
            let file = directory + "/sharer-0.all.qcow2"
            let credentials = try await bench.authority.credentials(for: "m-60.move.huddle")
            try await bench.withGuest(order) { source, target in
                try await source.run("echo own > /dev/vda; sync", in: id)
                // Written before the switch-over, in it and afterwards. One program a second, and the shell waits by itself: an
                // emulated guest that forks much may lose a change in a move, see Drivers.md.
                try await source.run(
                    "mkfifo /tmp/tick; (i=0; while :; do i=$((i+1)); echo count-$i > /dev/vdb; sync; "
                        + "read -t 1 x; done) <> /tmp/tick &", in: id)
                let endpoint = try await target.receive(
                    bench.next(order), at: bench.loopback, credentials: credentials)
                let exports = try await bench.ask(
                    "query-block-exports", of: id, in: bench.target, for: [Export].self)
                #expect(exports.map(\.node) == ["disk0"])
                try await source.copy(
                    id, to: endpoint, credentials: credentials, downtime: bench.downtime
                ) { _ in }
                let before = try await count(id, source)
                try await source.switchOver(id, downtime: bench.downtime)
                _ = try await target.arrived(id)
                try await source.remove(id, with: order.workload.storage.lasting)
                let after = try await count(id, target)
                #expect(after > before && before > 0, "\(before), then \(after)")
                #expect(try await target.run("head -c 3 /dev/vda; echo", in: id).contains("own"))
                #expect(try await SharedFile.look(at: file) == .file(isLocked: true))
                // What a guest has told its disk and not asked to be safe is there as well, though the VM is deleted while it
                // runs. Started anew elsewhere, it finds what it wrote; and no deletion takes it away.
                try await target.run(
                    "kill %1; dd if=/dev/zero bs=1M count=2 2> /dev/null | tr '\\0' x | dd of=/dev/vdb bs=1M seek=4 2> /dev/null",
                    in: id)
                try await target.remove(id, with: order.workload.storage.lasting)
                #expect(try HostFile.names(in: directory) == ["sharer-0.all.qcow2"])
                _ = try await source.start(bench.next(bench.next(order)))
                try await source.awaitLog(of: id, containing: "huddle guest ready")
                #expect(try await count(id, source, counts: false) >= after)
                let late = try await source.run(
                    "dd if=/dev/vdb bs=1M skip=4 count=2 2> /dev/null | tr -d x | wc -c", in: id)
                #expect(late.split(whereSeparator: \.isNewline).contains("0"), "\(late)")
            }
            #expect(try HostFile.names(in: directory) == ["sharer-0.all.qcow2"])
            #expect(try await SharedFile.look(at: file) == .file(isLocked: false))
        }
    }

    /// Where something else is mounted at the target, and where the host that was given up runs on after all.
    @Test func nobodyOpensAnotherFileOrTheSameOneTwice() async throws {
        try await withMount { directory in
            let id = InstanceID("alone-0")
            let order = try order(id, in: directory)
            let (file, away) = (directory + "/alone-0.all.qcow2", directory + "/away")
            let credentials = try await bench.authority.credentials(for: "m-61.move.huddle")
            try await bench.withGuest(order) { source, target in
                func refusal() async -> DriverFailure? {
                    await #expect(throws: DriverFailure.self) {
                        _ = try await target.receive(
                            bench.next(order), at: bench.loopback, credentials: credentials)
                    }
                }
                try HostFile.move(file, to: away)
                #expect(await refusal()?.message == "this host does not see \(file)")
                try await runTool(["cp", away, file])
                let other = await refusal()
                #expect(other?.message == "this host does not see that alone-0 has \(file) open")
                #expect(other?.code == .unsupported)
                try HostFile.remove(file)
                try HostFile.move(away, to: file)
                let twice = await #expect(throws: DriverFailure.self) {
                    _ = try await target.start(bench.next(order))
                }
                #expect(twice?.message == "\(file) is in use")
                #expect(twice?.code == .unavailable)
                // Nor does what cannot start end what runs.
                let grown = try self.order(id, generation: 2, in: directory, size: .mebibytes(16))
                let misfit = await #expect(throws: DriverFailure.self) {
                    _ = try await source.start(grown)
                }
                #expect(misfit?.message == "\(file) is there with another size")
                #expect(try await source.instances().map(\.state) == [.running])
                let leftovers = try await bench.target.leftovers(of: id)
                #expect(leftovers == [])
            }
        }
    }

    @Test func whatDoesNotFitIsLeftAlone() async throws {
        try await withMount { directory in
            let id = InstanceID("misfit-0")
            let order = try order(id, in: directory)
            let file = directory + "/misfit-0.all.qcow2"
            func refusal() async -> DriverFailure? {
                let failure = await #expect(throws: DriverFailure.self) {
                    _ = try await bench.source.shared.start(order)
                }
                if failure == nil { await bench.source.shared.removeInSpite(id) }
                return failure
            }
            try await runTool(["qemu-img", "create", "-q", "-f", "qcow2", file, "4M"])
            let other = await refusal()
            #expect(other?.message == "\(file) is there with another size")
            #expect(other?.cause == "it has 4194304 bytes, and the spec says 8388608")
            try HostFile.remove(file)
            try await runTool([
                "qemu-img", "create", "-q", "-f", "raw", directory + "/secret", "8M",
            ])
            try await runTool(
                [
                    "qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b",
                    directory + "/secret", file,
                ])
            #expect(await refusal()?.message == "\(file) refers to other files")
            try HostFile.remove(file)
            try await HostFile.lead(file, to: "/etc/hostname")
            #expect(await refusal()?.message == "\(file) is not a file")
            try HostFile.remove(file)
            try HostFile.setPermissions(0o700, of: directory)
            #expect(
                await refusal()?.cause
                    == "\(directory) is closed to others; let them pass with chmod o+x")
            #expect(try HostFile.names(in: directory) == ["secret"])
            let leftovers = try await bench.source.leftovers(of: id)
            #expect(leftovers == [])
        }
    }

    private func order(
        _ id: InstanceID, generation: UInt64 = 1, in directory: String,
        size: Bytes = .mebibytes(8)
    ) throws -> StartOrder {
        let shared = try Storage.SharedDisk(name: "all", size: size, directory: directory)
        return try bench.source.order(
            id, generation: generation,
            storage: Storage(disks: [.mebibytes(8)], sharedDisks: [shared]),
            memory: .mebibytes(192))
    }

    /// How far the guest has counted on its shared disk, not what it remembers of it.
    private func count(
        _ id: InstanceID, _ driver: QEMUDriver, counts: Bool = true
    ) async throws -> Int {
        let shown = try await driver.run(
            (counts ? "sleep 2; " : "")
                + "sync; echo 3 > /proc/sys/vm/drop_caches; head -n 1 /dev/vdb", in: id)
        let number = shown.split(whereSeparator: \.isNewline).last { $0.hasPrefix("count-") }
        return try #require(number.flatMap { Int($0.dropFirst(6)) }, "\(shown)")
    }
}

private func withMount(_ body: (String) async throws -> Void) async throws {
    let directory = "/tmp/huddle-test-shared-\(UInt32.random(in: 0...UInt32.max))"
    try await withMount(at: directory, size: "64m", body)
}
