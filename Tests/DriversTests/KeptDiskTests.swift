import ClusterModel
import Drivers
import Glibc
import HostIO
import Ports
import Synchronization
import Testing

/// What becomes of a VM's further disks once it is removed.
@Suite(.serialized, .withRealGuests, .timeLimit(.minutes(5)))
final class KeptDiskTests {
    private let data = "/tmp/huddle-test-kept-\(UInt32.random(in: 0...UInt32.max))"
    private let bench: QEMUBench

    init() throws { bench = try QEMUBench(data: data) }

    deinit {
        try? HostFile.remove(data)
        bench.removeParentGroup()
    }

    @Test func theNextOfTheNameHasThem() async throws {
        let id = InstanceID("keeper-0")
        let driver = try bench.makeDriver()
        let storage = Storage(disks: [.mebibytes(8)])
        _ = try await driver.start(try bench.order(id, generation: 1, storage: storage))
        try await driver.awaitLog(of: id, containing: "huddle guest ready")
        try await driver.run("echo kept-data > /dev/vda; sync", in: id)
        try await driver.remove(id)
        #expect(try await bench.leftovers(of: id) == [])
        #expect(try await driver.instances() == [])

        // A start that fails, at whatever point, loses nothing.
        let junk = data + "/junk"
        try HostFile.replace(junk, with: Array("no kernel".utf8), mode: 0o644)
        let unbootable = try bench.order(
            id, generation: 2, image: .kernel(kernel: junk, initrd: junk, append: ""),
            storage: storage)
        await #expect(throws: DriverFailure.self) { _ = try await driver.start(unbootable) }
        let larger = Storage(disks: [.mebibytes(16)])
        let refused = await #expect(throws: DriverFailure.self) {
            _ = try await driver.start(try bench.order(id, generation: 3, storage: larger))
        }
        #expect(refused?.message.contains("another size") == true)
        #expect(try await bench.leftovers(of: id) == [])

        let again = try await driver.start(try bench.order(id, generation: 4, storage: storage))
        #expect(again.state == .running)
        try await expectKept(id)
        try await driver.remove(id, with: ["disk1"])
        #expect(HostFile.exists(kept(id)))
        try await driver.remove(id, with: ["disk1"])
        #expect(HostFile.exists(kept(id)))
        try await driver.remove(id, with: ["disk0"])
        #expect(!HostFile.exists(kept(id)))
        #expect(try HostFile.names(in: data + "/disks") == [])
    }

    /// One that came by a move has disks of its own: what was kept before it came stays, whether it leaves or is deleted.
    @Test func whatCameByAMoveTakesNothingAway() async throws {
        let id = InstanceID("namesake-0")
        let driver = try bench.makeDriver()
        let order = try bench.order(id, generation: 1, storage: Storage(disks: [.mebibytes(8)]))
        _ = try await driver.start(order)
        try await driver.stop(id, grace: .zero)
        let pieces = Mutex<[[UInt8]]>([])
        try await driver.export(id) { bytes async throws(DriverFailure) in
            pieces.withLock { $0.append(bytes) }
        }
        try await driver.remove(id)
        // A second name of the same file tells it from others.
        let witness = data + "/witness"
        try HostFile.link(kept(id), as: witness)
        /// A move to this host, as far as its files go.
        func arrive(_ generation: UInt64) async throws {
            let left = Mutex(pieces.withLock { Array($0.reversed()) })
            let next = try bench.order(
                id, generation: generation, storage: order.workload.storage)
            try await driver.adopt(next) {
                () async throws(DriverFailure) in left.withLock { $0.popLast() }
            }
        }

        try await arrive(2)
        try await driver.remove(id, with: ["disk0"])
        #expect(HostFile.areSame(kept(id), witness))
        #expect(try await bench.leftovers(of: id) == [])

        try await arrive(3)
        try await driver.remove(id)
        let aside = "\(data)/disks/\(id)/earlier.1.disk0.qcow2"
        #expect(HostFile.areSame(aside, witness))
        #expect(HostFile.exists(kept(id)) && !HostFile.areSame(kept(id), witness))
        try await driver.remove(id, with: ["disk0"])
        #expect(!HostFile.exists(kept(id)) && HostFile.exists(aside))
    }

    @Test func linksAndOtherFilesAreNotKept() async throws {
        let id = InstanceID("intruder-0")
        let driver = try bench.makeDriver()
        let storage = Storage(disks: [.mebibytes(8)])
        _ = try await driver.start(try bench.order(id, generation: 1, storage: storage))
        try await driver.stop(id, grace: .zero)
        let run = "\(data)/vms/\(id)/run"
        #expect(symlink("/etc/passwd", run + "/disk1.qcow2") == 0)
        try HostFile.replace(run + "/diskette.qcow2", with: [1])
        try await driver.remove(id)
        #expect(try HostFile.names(in: "\(data)/disks/\(id)") == ["disk0.qcow2"])
        #expect(HostFile.status(of: kept(id))?.user == 0)
        try await driver.remove(id, with: ["disk0"])
    }

    private func kept(_ id: InstanceID) -> String { "\(data)/disks/\(id)/disk0.qcow2" }

    private func expectKept(_ id: InstanceID) async throws {
        let found = try await first(of: id)
        #expect(found == "kept-data")
    }

    /// The first bytes of the guest's first disk.
    private func first(of id: InstanceID) async throws -> String {
        let shown = try await bench.makeDriver().run(
            "echo =$(head -c 9 /dev/vda | tr '\\0' z)=", in: id)
        let fields = shown.split(separator: "=").map(String.init)
        return fields.last { ["kept-data", "zzzzzzzzz"].contains($0) } ?? shown
    }
}
