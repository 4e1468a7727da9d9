import Foundation
import Testing

extension LabTests {
    /// A directory of a host's agent on a disk that has next to no room.
    struct FullDisk: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let directory: String
        let size: String
        let spec: Spec

        static let all = [
            // Half of what the test image needs.
            FullDisk(
                testDescription: "images", directory: "/var/lib/huddle/agent/images", size: "1m",
                spec: Spec(name: "late")),
            FullDisk(
                testDescription: "VMs", directory: "/var/lib/huddle/agent/vms", size: "4k",
                spec: .machine("late")),
        ]
    }

    @Test(
        "a host without room fails what it cannot start with the reason, and goes on",
        .timeLimit(.minutes(3)), arguments: FullDisk.all)
    func fullDisk(_ disk: FullDisk) async throws {
        try await cluster.apply(Spec(name: "before"), on: "lab-3")
        try await cluster.running("before-0")
        try await with(disk, on: "lab-3") {
            try await cluster.apply(disk.spec, on: "lab-3", wait: false)
            let late = try await cluster.eventually("late-0 failed") {
                let late = try await cluster.instance("late-0")
                return late.state == "failed" ? late : nil
            }
            #expect(late.reason?.contains("No space left on device") == true, "\(late)")
            try await cluster.running("before-0")
            #expect(try await cluster.host("lab-3").state == "ready")
        }
        // With room it is started without anybody's help.
        try await cluster.running("late-0", within: .seconds(90))
        try await onlyCopies(["before-0", "late-0"])
    }

    @Test("an image that is larger than the coordinator's disk is refused", .timeLimit(.minutes(1)))
    func fullCoordinator() async throws {
        let disk = FullDisk(
            testDescription: "images", directory: "/var/lib/huddle/coordinator/images",
            size: "1m", spec: Spec(name: "unused"))
        let archive = Lab.guest.appending(path: "busybox.tar").path()
        try await with(disk, on: "coordinator") {
            let ended = try await Lab.huddle(["image", "add", "too-large", archive])
            #expect(ended.status != 0 && ended.errors.contains("No space left"), "\(ended)")
            // Nothing half is left to fill what little room there is.
            #expect(try await Lab.inside("coordinator", "ls \(disk.directory)").isEmpty)
            try await cluster.hostsReady()
        }
        try await cluster.run("image", "add", "too-large", archive)
        try await cluster.run("image", "remove", "too-large", "--yes")
    }

    private func with(
        _ disk: FullDisk, on machine: String, _ body: () async throws -> Void
    ) async throws {
        let directory = disk.directory
        try await Lab.inside(
            machine, "mount -t tmpfs -o size=\(disk.size),mode=711 full-disk \(directory)")
        do { try await body() } catch {
            try await Lab.inside(machine, "umount --lazy \(directory)")
            throw error
        }
        try await Lab.inside(machine, "umount --lazy \(directory)")
    }

    @Test(
        "a QEMU that is killed fails its instance, and is started again unless it never is to be",
        .timeLimit(.minutes(3)))
    func deadQEMU() async throws {
        var once = Spec.machine("once")
        once.more.append("restart: never")
        try await cluster.apply(.machine("always"), once, on: "lab-1")
        try await cluster.running("always-0", "once-0")
        let before = try await RealCopies.on("lab-1")
        let agent = try await Lab.inside("lab-1", "cat /run/huddle/agent.pid")

        let processes = before.map { "\($0.process)" }.joined(separator: " ")
        try await Lab.inside("lab-1", "kill -KILL \(processes)")
        let failed = try await cluster.eventually("once-0 failed") {
            let once = try await cluster.instance("once-0")
            return once.state == "failed" ? once : nil
        }
        // 128 and the signal's number, as shells have it.
        #expect(failed.reason?.contains("137") == true, "\(failed)")
        try await cluster.must("another QEMU of always-0", within: .seconds(60)) {
            let copies = try await RealCopies.on("lab-1")
            return copies.map(\.instance) == ["always-0"]
                && !before.map(\.process).contains(copies[0].process)
        }
        try await cluster.running("always-0")
        #expect(try await cluster.instance("once-0").state == "failed")
        #expect(try await Lab.inside("lab-1", "cat /run/huddle/agent.pid") == agent)
        #expect(try await cluster.host("lab-1").state == "ready")
    }

    /// Power lost at one end of a restart move from lab-1 to lab-2.
    struct Blackout: Sendable, CustomTestStringConvertible {
        let kind: String
        let host: String
        let moment: Moment

        var testDescription: String { "\(kind), \(host), \(moment)" }

        static let all = ["lab-1", "lab-2"].flatMap { host in
            [
                Blackout(kind: "container", host: host, moment: .begun),
                Blackout(kind: "container", host: host, moment: .switchingOver),
                Blackout(kind: "vm", host: host, moment: .copying),
            ]
        }
    }

    @Test(
        "a host that loses power in the middle of a move ends with one copy",
        .timeLimit(.minutes(4)), arguments: Blackout.all)
    func powerLossWhileMoving(_ blackout: Blackout) async throws {
        let container = Spec(name: "one", command: Spec.reluctant)
        try await cluster.apply(blackout.kind == "vm" ? .machine("one") : container, on: "lab-1")
        let earlier = Set(try await cluster.moves().map(\.id))
        async let migration = Lab.huddle(
            ["migrate", "one-0", "--to", "lab-2"], within: .seconds(200))
        try await reach(blackout.moment, after: earlier)
        try await Lab.script("kill", blackout.host)
        // A power cut of some length: the coordinator has to see that the host is gone.
        try await cluster.must("\(blackout.host) lost", within: .seconds(40)) {
            try await cluster.host(blackout.host).state == "lost"
        }
        try await Lab.script("start", blackout.host)
        let ended = try await migration
        try await cluster.hostsReady()
        try await cluster.noMoveUnderWay()
        let one = try await cluster.running("one-0", within: .seconds(90))[0]
        #expect(one.host == (ended.status == 0 ? "lab-2" : "lab-1"), "\(ended)")
        try await onlyCopies(["one-0"])
    }
}
