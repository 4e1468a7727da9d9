import ClusterModel
import Drivers
import HostIO
import Ports
import Synchronization
import Testing

/// One at a time: each test boots guests, under TCG on most machines that build this.
@Suite(.serialized, .withRealGuests, .timeLimit(.minutes(5)))
final class QEMUTests {
    private let data = "/tmp/huddle-test-qemu-\(UInt32.random(in: 0...UInt32.max))"
    private let bench: QEMUBench

    init() throws { bench = try QEMUBench(data: data) }

    deinit {
        try? HostFile.remove(data)
        bench.removeParentGroup()
    }

    @Test("the driver conforms", arguments: Conformance.allCases)
    func conforms(_ requirement: Conformance) async throws { try await requirement.check(bench) }

    /// Runs `body` with a running instance, and removes it afterwards.
    private func withInstance(
        _ order: StartOrder, _ body: (QEMUDriver, DriverInstance) async throws -> Void
    ) async throws {
        let driver = try bench.makeDriver()
        let instance = try await driver.start(order)
        do {
            try await body(driver, instance)
        } catch {
            await driver.removeInSpite(order.instance)
            throw error
        }
        try await driver.remove(order.instance)
        let leftovers = try await bench.leftovers(of: order.instance)
        #expect(leftovers == [])
    }

    @Test func probeTellsVersionAndAcceleration() async throws {
        let found = try await bench.makeDriver().probe()
        #expect(found.map(\.name) == [.qemu, .kvm, .multifd, .postcopy])
        #expect(found[0].available && found[0].detail.contains("version"), "\(found[0].detail)")
        #expect(!found[1].detail.isEmpty && !found[2].detail.isEmpty)
        print("kvm: \(found[1].available ? "yes" : "no"), \(found[1].detail)")
    }

    @Test func consoleIsBidirectionalAndForOne() async throws {
        let id = InstanceID("console-0")
        try await withInstance(try bench.order(id, generation: 1)) { driver, _ in
            try await driver.awaitLog(of: id, containing: "ready")
            let seen = Collected()
            let typed = Mutex(["\n", "echo $((6*7))-typed\n"])
            let session = TerminalSession(
                input: { () async throws(DriverFailure) in
                    if let line = typed.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                        return Array(line.utf8)
                    }
                    try? await Task.sleep(for: .seconds(1000))
                    return nil
                }, output: { seen.append($0) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await driver.console(of: id, session: session) }
                while !seen.text.contains("42-typed") {
                    try await Task.sleep(for: .milliseconds(50))
                }
                let second = await #expect(throws: DriverFailure.self) {
                    try await driver.console(of: id, session: .typing([], into: Collected()))
                }
                #expect(second?.code == .refused)
                group.cancelAll()
            }
            // What was shown is in the log too.
            let log = try await driver.log(of: id, tail: nil)
            #expect(log.contains("42-typed"))
        }
    }

    @Test func publishedPortServesThePage() async throws {
        let id = InstanceID("page-0")
        let ports = [
            Program.Port(host: 28_441, instance: 80), Program.Port(host: 841, instance: 80),
        ]
        let order = try bench.order(
            id, generation: 1, ports: ports, words: "huddle.page=made+in+a+test")
        try await withInstance(order) { driver, instance in
            try await driver.awaitLog(of: id, containing: "ready")
            for port in ports {
                let page = try await Tool.run(
                    "/usr/bin/env",
                    ["busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:\(port.host)/"])
                #expect(page.text.contains("made in a test"), "\(page)")
            }
            // Nobody's user, none of root's rights but the one for low ports.
            let qemu = try #require(
                try bench.members(of: instance).first {
                    (try? HostFile.text("/proc/\($0)/comm"))?.hasPrefix("qemu") == true
                })
            let status = try HostFile.text("/proc/\(qemu)/status").split(separator: "\n")
            #expect(status.contains { $0.hasPrefix("Uid:\t4100") })
            #expect(status.contains { $0 == "CapEff:\t0000000000000400" })
            #expect(status.contains { $0 == "Seccomp:\t2" })
        }
    }

    @Test func guestThatListensIsStoppedByThePowerButton() async throws {
        let id = InstanceID("powerdown-0")
        try await withInstance(try bench.order(id, generation: 1)) { driver, _ in
            try await driver.awaitLog(of: id, containing: "ready")
            let begin = ContinuousClock.now
            try await driver.stop(id, grace: .seconds(60))
            #expect(ContinuousClock.now - begin < .seconds(50))
            let code = try await driver.exit(of: id)
            #expect(code == 0)
        }
    }

    @Test func refusedStartSaysWhyAndLeavesNothing() async throws {
        let id = InstanceID("conflict-0")
        let port = [Program.Port(host: 28_442, instance: 80)]
        try await withInstance(try bench.order(id, generation: 1, ports: port)) { driver, _ in
            let rival = InstanceID("rival-0")
            let order = try bench.order(rival, generation: 1, ports: port)
            let failure = await #expect(throws: DriverFailure.self) {
                _ = try await driver.start(order)
            }
            #expect(failure?.code == .refused)
            #expect(failure?.cause?.contains("28442") == true, "\(String(describing: failure))")
            let leftovers = try await bench.leftovers(of: rival)
            #expect(leftovers == [])
        }
    }

    @Test func diskSeedAndFurtherDisksSurviveANewGeneration() async throws {
        let id = InstanceID("disk-0")
        let image = LocalImage.qcow2(path: (TestMachine.guest ?? "") + "/guest.qcow2")
        let storage = Storage(
            disks: [.mebibytes(8)], cloudInit: "#cloud-config\n# huddle.page=seeded\n")
        let order = try bench.order(id, generation: 1, image: image, storage: storage)
        try await withInstance(order) { driver, _ in
            try await driver.awaitLog(of: id, containing: "huddle guest ready: disk-0")
            let log = try await driver.log(of: id, tail: nil)
            #expect(log.contains("NoCloud seed: instance-id disk-0, hostname disk-0"))
            try await driver.type(
                "echo kept-data > /dev/vdb; sync; echo wr''itten\n", to: id, until: "written")
            try await driver.stop(id, grace: .zero)
            // As a move leaves it that neither the VM nor the agent outlived.
            let key = bench.data + "/vms/\(id)/move/client-key.pem"
            try HostFile.makeDirectory(bench.data + "/vms/\(id)/move", mode: 0o700)
            try await HostFile.save([1], to: key)
            let next = try bench.order(id, generation: 2, image: image, storage: storage)
            _ = try await driver.start(next)
            #expect(!HostFile.exists(key))
            try await driver.type("head -c 9 /dev/vdb; echo\n", to: id, until: "kept-data")
        }
    }

    @Test func disksGoAlongToAnotherHost() async throws {
        let id = InstanceID("mover-0")
        let image = LocalImage.qcow2(path: (TestMachine.guest ?? "") + "/guest.qcow2")
        let storage = Storage(disks: [.mebibytes(8)])
        let other = try QEMUBench(data: data + "/other")
        try await withInstance(try bench.order(id, generation: 1, image: image, storage: storage)) {
            driver, _ in
            try await driver.awaitLog(of: id, containing: "ready")
            try await driver.type(
                "echo travelled > /dev/vdb; sync; echo wr''itten\n", to: id, until: "written")
            let running = await #expect(throws: DriverFailure.self) {
                try await driver.export(id) { _ in }
            }
            #expect(running?.code == .refused)
            try await driver.stop(id, grace: .zero)

            let stream = Mutex<[[UInt8]]>([])
            try await driver.export(id) { bytes in stream.withLock { $0.append(bytes) } }
            let target = try other.makeDriver()
            let order = try other.order(id, generation: 2, image: image, storage: storage)
            try await target.adopt(order) { () async throws(DriverFailure) in
                stream.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            }
            try await driver.remove(id)
            let adopted = try await target.instances()
            #expect(adopted.map(\.state) == [.exited(code: ExitCode.neverStarted)])
            _ = try await target.start(order)
            try await target.type("head -c 9 /dev/vdb; echo\n", to: id, until: "travelled")
            try await target.remove(id)
        }
    }

    @Test func cutStreamIsRefusedAndLeavesNothing() async throws {
        let id = InstanceID("cut-0")
        let driver = try bench.makeDriver()
        let order = try bench.order(id, generation: 1, storage: Storage(disks: [.mebibytes(8)]))
        let pieces = Mutex<[[UInt8]]>([
            [0, 0, 0, 0, 17] + Array("huddle-transfer 1".utf8), [1, 0, 0],
        ])
        let failure = await #expect(throws: DriverFailure.self) {
            try await driver.adopt(order) { () async throws(DriverFailure) in
                pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            }
        }
        #expect(failure?.code == .refused)
        let leftovers = try await bench.leftovers(of: id)
        #expect(leftovers == [])
    }
}
