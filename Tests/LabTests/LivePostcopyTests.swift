import Foundation
import Testing

/// Guests that go on at their target before all of their memory is there.
extension LabTests {
    /// Changes 96 MiB of its memory several times a second; what a ceiling of 16 MiB/s lets through never catches up.
    private func busyGuest() async throws {
        let listed = try await cluster.run("image", "list", "-o", "json")
        if !listed.output.contains("\"restless\"") {
            try await cluster.run(
                "image", "add", "restless",
                "--kernel", Lab.guest.appending(path: "vmlinuz").path(),
                "--initrd", Lab.guest.appending(path: "initrd.img").path(),
                "--append", "console=ttyS0 quiet huddle.hold=96:64")
        }
        var busy = Spec.machine("busy")
        busy.image = "restless"
        busy.memory = "256MiB"
        busy.more = [
            "move: {allow: [live], downtime: 300ms, converge: [postcopy]}", "disks: [16MiB]",
        ]
        try await cluster.setPolicy(["moves.bandwidth=16MiB/s"])
        try await cluster.apply(busy, on: "lab-1")
        try await says("busy-0", "echo up-$((6 * 7))", "up-42")
        try await cluster.must("its changes are known", within: .seconds(120)) {
            try await cluster.run("explain", "busy-0").output.contains(
                "by post-copy, because a live move would not end")
        }
    }

    @Test(
        "a VM that changes its memory faster than it can be sent goes by post-copy",
        .timeLimit(.minutes(5)))
    func postcopy() async throws {
        try await busyGuest()
        let disk =
            "echo -n kept | dd of=/dev/vda conv=sync,fsync 2> /dev/null; echo mark > /tmp/mark"
        try await says("busy-0", disk + "; echo wrote-$((6 * 7))", "wrote-42")
        for target in ["lab-2", "lab-3"] {
            try await cluster.run("migrate", "busy-0", "--to", target, within: .seconds(150))
            #expect(try await cluster.running("busy-0")[0].host == target)
            try await neverBooted("busy-0", on: target)
            try await onlyCopies(["busy-0"])
            let read =
                "echo 3 > /proc/sys/vm/drop_caches; echo $(cat /tmp/mark)-$(head -c 4 /dev/vda)"
            try await says("busy-0", read, "mark-kept")
        }
        // The latest first.
        let moves = try await cluster.moves().filter { $0.instance == "busy-0" }
            .prefix(2)
        try #require(moves.map(\.target) == ["lab-3", "lab-2"])
        #expect(moves.allSatisfy { $0.mode == "live" && $0.outcome == "done" }, "\(moves)")
        let events = try await cluster.run("events", "-n", "60")
        #expect(events.output.contains("(live): by post-copy, because"), "\(events)")
        print(
            events.output.split(separator: "\n").filter { $0.contains("done:") }.joined(
                separator: "\n"))
    }

    /// What dies while the rest of the memory is on its way.
    enum RestBlow: String, CaseIterable, Sendable {
        case sourceProcess, targetProcess, sourceAgent, targetAgent, coordinator, source

        /// Those that there is always time for.
        static let chosen: [Self] =
            Lab.isLong ? allCases : [.sourceProcess, .targetProcess, .targetAgent, .coordinator]

        /// Whether the guest lives on.
        var isSurvived: Bool {
            switch self {
            case .sourceProcess, .targetProcess, .source: false
            case .sourceAgent, .targetAgent, .coordinator: true
            }
        }
    }

    @Test(
        "whatever dies while a guest runs with a part of its memory, one copy is left, at the target",
        .timeLimit(.minutes(6)), arguments: RestBlow.chosen)
    func struckInPostcopy(_ blow: RestBlow) async throws {
        try await busyGuest()
        try await says(
            "busy-0", "echo -n kept | dd of=/dev/vda conv=sync,fsync; echo wr-$((6 * 7))", "wr-42")
        // A slow link, so that there is time: 96 MB take some fifteen seconds.
        try await Lab.inside(
            "lab-1", "tc qdisc add dev eth0 root tbf rate 60mbit burst 128k latency 100ms")
        do {
            async let migration = Lab.huddle(
                ["migrate", "busy-0", "--to", "lab-2"], within: .seconds(240))
            try await cluster.must("it runs at lab-2", within: .seconds(120)) {
                try await cluster.unfinishedMoves().contains { $0.phase == "confirm" }
            }
            try await strike(blow)
            // Nobody else has the rest: the guest stands still until it is known that its source has not, either.
            if blow == .source {
                try await Lab.script("start", "lab-1")
            } else {
                try await Lab.inside("lab-1", "tc qdisc del dev eth0 root")
            }
            _ = try await migration
        } catch {
            _ = try? await Lab.inside("lab-1", "tc qdisc del dev eth0 root")
            throw error
        }
        try await cluster.hostsReady()
        try await cluster.noMoveUnderWay()
        #expect(try await cluster.running("busy-0", within: .seconds(90))[0].host == "lab-2")
        try await onlyCopies(["busy-0"])
        // What it wrote is there, also where it had to boot again.
        try await says("busy-0", "echo $(head -c 4 /dev/vda)-$((6 * 7))", "kept-42")
        let move = try #require(try await cluster.moves().first { $0.instance == "busy-0" })
        let told = try await cluster.run("events", "-n", "20").output
            .split(separator: "\n").last { $0.contains("move \(move.id): done") }
        let isToldLost = try #require(told).contains("before all of its memory was there")
        #expect(isToldLost == !blow.isSurvived, "\(told ?? "")")
        let log = "/var/lib/huddle/agent/vms/busy-0/run/console.log"
        let boots = try await Lab.inside(
            "lab-2", "grep --count 'huddle guest ready' \(log) || true"
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(boots == (blow.isSurvived ? "0" : "1"), "\(blow)")
    }

    private func strike(_ blow: RestBlow) async throws {
        let end = "pkill -KILL --full '^/usr/bin/qemu-system.* -name '"
        switch blow {
        case .sourceProcess: try await Lab.inside("lab-1", end)
        case .targetProcess: try await Lab.inside("lab-2", end)
        case .sourceAgent: try await Lab.script("kill", "lab-1:agent")
        case .targetAgent: try await Lab.script("kill", "lab-2:agent")
        case .coordinator: try await Lab.script("kill", "coordinator")
        case .source: try await Lab.script("kill", "lab-1")
        }
    }
}
