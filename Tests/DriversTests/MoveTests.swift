import ClusterModel
import Drivers
import HostIO
import Ports
import Synchronization
import Testing

/// Live moves of real guests between two drivers of this machine, one at a time.
@Suite(.serialized, .withRealGuests, .timeLimit(.minutes(3)))
final class MoveTests {
    private let data = "/tmp/huddle-test-moves-\(UInt32.random(in: 0...UInt32.max))"
    let bench: MoveBench

    /// Writes so much memory that a switch-over within a millisecond is out of the question.
    private static let busy =
        "dd if=/dev/urandom of=/tmp/a bs=1M count=8 2> /dev/null; "
        + "while :; do cat /tmp/a /tmp/a /tmp/a > /tmp/x; done &"

    init() async throws { bench = try await MoveBench(data: data) }

    deinit {
        try? HostFile.remove(data)
        bench.source.removeParentGroup()
        bench.target.removeParentGroup()
    }

    @Test func guestGoesOnAtTheTarget() async throws {
        let id = InstanceID("goer-0")
        let order = try bench.source.order(id, generation: 1, memory: .mebibytes(256))
        let credentials = try await bench.authority.credentials(for: "m-1.move.huddle")
        try await bench.withGuest(order) { source, target in
            try await source.run("echo kept > /tmp/mark", in: id)
            let before = try await source.uptime(of: id)
            let clock = ContinuousClock()
            let begin = clock.now
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            #expect(endpoint.diskPort == nil)
            #expect(try await target.instances() == [])
            let received = clock.now
            let seen = Mutex<[MoveProgress]>([])
            try await source.copy(
                id, to: endpoint, credentials: credentials, downtime: bench.downtime
            ) { progress in seen.withLock { $0.append(progress) } }
            let copied = clock.now
            // A guest that changes nothing, as one that gets no processor, QEMU may stop before it is told to: a millisecond
            // is the shortest interruption that it can be held to.
            let state = try await bench.state(of: id, in: bench.source)
            #expect(["running", "finish-migrate"].contains(state))
            try await source.switchOver(id, downtime: bench.downtime)
            let switched = clock.now
            let arrived = try await target.arrived(id)
            let end = clock.now
            #expect(arrived.state == .running && arrived.generation == Generation(2))
            try await print(
                "move of 256 MiB: prepare \(received - begin), copy \(copied - received), switch "
                    + "\(switched - copied), confirm \(end - switched); "
                    + bench.downtime(of: id, in: bench.source))
            #expect(seen.withLock { !$0.isEmpty })
            #expect(try await bench.state(of: id, in: bench.source) == "postmigrate")
            try await source.remove(id)

            let shown = try await target.run("cat /tmp/mark", in: id)
            #expect(shown.contains("kept"))
            #expect(!shown.contains("huddle guest ready"))
            let after = try await target.uptime(of: id)
            #expect(after > before && after < before + 60)
            // Adopted by another agent like any other, and started again where it is.
            let heir = try bench.target.makeHeir()
            #expect(try await heir.instances().map(\.state) == [.running])
            #expect(try await heir.start(bench.next(order)).controlGroup == arrived.controlGroup)
            #expect(try await heir.arrived(id).state == .running)
            #expect(!HostFile.exists("\(bench.target.data)/vms/\(id)/move"))
        }
    }

    @Test func disksGoAlong() async throws {
        try await onceOfThree { bench in try await Self.disksGoAlong(bench) }
    }

    private static func disksGoAlong(_ bench: MoveBench) async throws {
        let id = InstanceID("carrier-0")
        let image = LocalImage.qcow2(path: (TestMachine.guest ?? "") + "/guest.qcow2")
        let order = try bench.source.order(
            id, generation: 1, image: image, storage: Storage(disks: [.mebibytes(32)]),
            memory: .mebibytes(192))
        let credentials = try await bench.authority.credentials(for: "m-2.move.huddle")
        try await bench.withGuest(order) { source, target in
            try await source.run(
                "dd if=/dev/urandom of=/dev/vdb bs=1M count=8; md5sum /dev/vdb | cut -c 1-32 > "
                    + "/tmp/sum; echo first > /dev/vda; sync", in: id)
            // Writes to the end of the disk while the copy is under way, and afterwards. One program a second, and the shell
            // waits by itself: an emulated guest that forks much may lose a change in a move, see Drivers.md.
            try await source.run(
                "mkfifo /tmp/tick; (i=0; while :; do i=$((i+1)); echo count-$i > /tmp/count; "
                    + "dd if=/tmp/count of=/dev/vdb bs=1M seek=31 conv=fsync 2> /dev/null; "
                    + "read -t 1 x; done) <> /tmp/tick & writer=$!", in: id)
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            #expect(endpoint.diskPort != nil)
            try await source.copy(
                id, to: endpoint, credentials: credentials, downtime: bench.downtime
            ) { print("disk: \($0)") }
            try await source.switchOver(id, downtime: bench.downtime)
            _ = try await target.arrived(id)
            print("move with disks: \(try await bench.downtime(of: id, in: bench.source))")
            try await source.remove(id)
            let forget = "sync; echo 3 > /proc/sys/vm/drop_caches; "
            let read = "dd if=/dev/vdb bs=1M skip=31 2> /dev/null | head -c 12 | tr -d '\\0'; "
            let counted = try await target.run(
                forget + read + "head -c 5 /dev/vda; echo", in: id)
            #expect(counted.contains("count-") && counted.contains("first"), "\(counted)")
            let compared = try await target.run(
                "kill $writer; sleep 1; dd if=/dev/zero of=/dev/vdb bs=1M seek=31 count=1; "
                    + forget
                    + "[ $(md5sum /dev/vdb | cut -c 1-32) = $(cat /tmp/sum) ] && echo sa''me; "
                    + "cat /tmp/sum; md5sum /dev/vdb",
                in: id)
            #expect(compared.contains("same"), "\(compared)")
            // Only what the guest wrote went over, not the base.
            let overlay = HostFile.status(of: "\(bench.target.data)/vms/\(id)/run/overlay.qcow2")
            #expect(try #require(overlay).size < 2 << 20)
            // What was written here is on this host's disk.
            try await target.run("echo late > /dev/vda; sync", in: id)
            try await target.stop(id, grace: .zero)
            _ = try await target.start(bench.next(order))
            #expect(try await target.instances().map(\.state) == [.running])
        }
    }

    @Test func cancelledCopyLeavesTheGuestAlone() async throws {
        let id = InstanceID("stayer-0")
        let order = try bench.source.order(
            id, generation: 1, storage: Storage(disks: [.mebibytes(8)]))
        let credentials = try await bench.authority.credentials(for: "m-3.move.huddle")
        try await bench.withGuest(order) { source, target in
            try await source.run(Self.busy, in: id)
            let before = try await source.uptime(of: id)
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            let failure = await withTaskGroup(of: DriverFailure?.self) { group in
                let (rounds, sink) = AsyncStream.makeStream(
                    of: Int.self, bufferingPolicy: .bufferingNewest(1))
                group.addTask {
                    defer { sink.finish() }
                    do throws(DriverFailure) {
                        try await source.copy(
                            id, to: endpoint, credentials: credentials, downtime: .milliseconds(1)
                        ) { sink.yield($0.rounds) }
                        return nil
                    } catch {
                        return error
                    }
                }
                for await round in rounds where round >= 1 { break }
                group.cancelAll()
                return await group.next() ?? nil
            }
            // On a machine that is busy with other things the guest changes next to nothing, and the copy may be through
            // before it is cancelled; then it is undone, as the cancelling of a move does.
            if let failure {
                #expect(failure.code == .unavailable)
            } else {
                try await source.resume(id)
            }
            try await target.remove(id)
            #expect(try await bench.target.leftovers(of: id) == [])
            try await expectUntouched(id, since: before)
        }
    }

    @Test func deadTargetIsAnErrorAndTheGuestGoesOn() async throws {
        let id = InstanceID("survivor-0")
        let order = try bench.source.order(
            id, generation: 1, storage: Storage(disks: [.mebibytes(8)]))
        let credentials = try await bench.authority.credentials(for: "m-4.move.huddle")
        try await bench.withGuest(order) { source, target in
            try await source.run(Self.busy, in: id)
            let before = try await source.uptime(of: id)
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            let victim = try bench.emulator(of: id, in: bench.target)
            let failure = await #expect(throws: DriverFailure.self) {
                try await source.copy(
                    id, to: endpoint, credentials: credentials,
                    accepting: MovePreference(downtime: .milliseconds(1)),
                    // Its first pass lasts for many looks: on a fast machine there may be no other.
                    ceiling: { BytesPerSecond(24 << 20) }
                ) { if $0.rounds == 1 { victim.signal(.kill) } }
            }
            print("dead target: \(String(describing: failure))")
            await #expect(throws: DriverFailure.self) { _ = try await target.arrived(id) }
            try await target.remove(id)
            try await expectUntouched(id, since: before)
        }
    }

    @Test func lostTargetIsUndoneAfterTheSwitchOver() async throws {
        let id = InstanceID("returner-0")
        let order = try bench.source.order(
            id, generation: 1, storage: Storage(disks: [.mebibytes(8)]))
        let credentials = try await bench.authority.credentials(for: "m-5.move.huddle")
        try await bench.withGuest(order) { source, target in
            let before = try await source.uptime(of: id)
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            try await source.copy(
                id, to: endpoint, credentials: credentials, downtime: bench.downtime
            ) { _ in }
            try await source.switchOver(id, downtime: bench.downtime)
            try await bench.kill(id, in: bench.target)
            try await target.remove(id)
            try await source.resume(id)
            try await source.resume(id)
            try await expectUntouched(id, since: before)
            try await source.run("echo again > /dev/vda; sync", in: id)
        }
    }

    @Test func guestThatComesLateIsNotLost() async throws {
        let id = InstanceID("latecomer-0")
        let order = try bench.source.order(
            id, generation: 1, storage: Storage(disks: [.mebibytes(8)]))
        let credentials = try await bench.authority.credentials(for: "m-9.move.huddle")
        try await bench.withGuest(order) { source, target in
            let before = try await source.uptime(of: id)
            func stream() async throws {
                let endpoint = try await target.receive(
                    bench.next(order), at: bench.loopback, credentials: credentials)
                try await source.copy(
                    id, to: endpoint, credentials: credentials, downtime: bench.downtime
                ) { _ in }
            }
            // Given up while it was still at its source: it stays there.
            try await stream()
            try await target.dismiss(id)
            try await target.dismiss(id)
            #expect(try await bench.target.leftovers(of: id) == [])
            await #expect(throws: DriverFailure.self) {
                try await source.switchOver(id, downtime: bench.downtime)
            }
            try await source.resume(id)
            try await expectUntouched(id, since: before)

            // Asked for too early, so it must not come to life by itself; and given up when it had come.
            try await stream()
            await #expect(throws: DriverFailure.self) { _ = try await target.arrived(id) }
            try await source.switchOver(id, downtime: bench.downtime)
            #expect(try await bench.state(of: id, in: bench.target) == "paused")
            await #expect(throws: DriverFailure.self) { try await target.dismiss(id) }
            #expect(try await bench.state(of: id, in: bench.target) == "running")
            #expect(try await target.arrived(id).state == .running)
            await #expect(throws: DriverFailure.self) { try await target.dismiss(id) }
            try await source.remove(id)
            #expect(try await target.uptime(of: id) > before)
        }
    }

    @Test func foreignCertificateIsRefused() async throws {
        let id = InstanceID("guarded-0")
        let order = try bench.source.order(
            id, generation: 1, storage: Storage(disks: [.mebibytes(8)]))
        let plain = try bench.source.order(InstanceID("guarded-1"), generation: 1)
        let credentials = try await bench.authority.credentials(for: "m-6.move.huddle")
        let another = try await bench.authority.credentials(for: "m-7.move.huddle")
        let stranger = try await MoveAuthority(in: data + "/stranger")
        // Each presents a wrong certificate but asks for the right name of the target.
        let otherName = MoveCredentials(
            authority: credentials.authority, certificate: another.certificate, key: another.key,
            name: credentials.name)
        let strange = try await stranger.credentials(for: "m-6.move.huddle")
        let otherAuthority = MoveCredentials(
            authority: credentials.authority, certificate: strange.certificate, key: strange.key,
            name: credentials.name)
        for order in [order, plain] {
            let id = order.instance
            try await bench.withGuest(order) { source, target in
                let before = try await source.uptime(of: id)
                let endpoint = try await target.receive(
                    bench.next(order), at: bench.loopback, credentials: credentials)
                for wrong in [otherName, otherAuthority, strange, another] {
                    let failure = await #expect(throws: DriverFailure.self) {
                        try await source.copy(
                            id, to: endpoint, credentials: wrong, downtime: bench.downtime
                        ) { _ in }
                    }
                    print("foreign: \(String(describing: failure))")
                }
                #expect(try await bench.state(of: id, in: bench.target) == "inmigrate")
                try await expectUntouched(id, since: before)
                // The right one is still let in.
                try await source.copy(
                    id, to: endpoint, credentials: credentials, downtime: bench.downtime
                ) { _ in }
                try await source.switchOver(id, downtime: bench.downtime)
                _ = try await target.arrived(id)
            }
        }
    }

    @Test func waitingTargetIsReplacedAndNeverListed() async throws {
        let id = InstanceID("waiter-0")
        let order = try bench.target.order(
            id, generation: 2, storage: Storage(disks: [.mebibytes(8)]))
        let credentials = try await bench.authority.credentials(for: "m-8.move.huddle")
        let target = bench.target.shared
        let user = try await target.user(for: id)
        #expect(try await target.user(for: id) == user)
        do {
            _ = try await target.receive(order, at: bench.loopback, credentials: credentials)
            let first = try bench.emulator(of: id, in: bench.target)
            let key = "\(bench.target.data)/vms/\(id)/move"
            #expect(HostFile.status(of: key)?.user == user)
            #expect(HostFile.status(of: key)?.permissions == 0o500)
            #expect(HostFile.status(of: key + "/server-key.pem")?.permissions == 0o400)
            let status = try HostFile.text("/proc/\(first.process)/status").split(separator: "\n")
            #expect(status.contains { $0.hasPrefix("Uid:\t\(user)\t") })
            #expect(status.contains { $0 == "Seccomp:\t2" })
            _ = try await target.receive(order, at: bench.loopback, credentials: credentials)
            #expect(!first.isRunning)
            let second = try bench.emulator(of: id, in: bench.target)
            #expect(try await target.instances() == [])
            let older = try bench.target.order(id, generation: 1)
            await #expect(throws: DriverFailure.self) { _ = try await target.start(older) }
            // Whoever gives the move up starts it here: from nothing, as for a new one.
            #expect(try await target.start(order).state == .running)
            #expect(!second.isRunning)
            try await target.awaitLog(of: id, containing: "huddle guest ready: \(id)")
            await #expect(throws: DriverFailure.self) {
                _ = try await target.receive(order, at: bench.loopback, credentials: credentials)
            }
            #expect(try await target.instances().map(\.state) == [.running])
        } catch {
            await target.removeInSpite(id)
            throw error
        }
        try await target.remove(id)
        #expect(try await bench.target.leftovers(of: id) == [])
    }

    /// The guest runs at the source as before, and QEMU keeps nothing of the move.
    private func expectUntouched(_ id: InstanceID, since before: Double) async throws {
        let source = bench.source.shared
        #expect(try await bench.state(of: id, in: bench.source) == "running")
        #expect(try await source.uptime(of: id) > before)
        #expect(try await bench.remains(of: id, in: bench.source) == [])
        #expect(!HostFile.exists("\(bench.source.data)/vms/\(id)/move"))
    }
}
