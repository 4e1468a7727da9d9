import Foundation
import Testing

extension LabTests {
    /// Writes the moment into its volume ten times a second, beside a large file that does not change.
    private static let writer = [
        "/bin/sh", "-c",
        "[ -e /data/whole ] || { dd if=/dev/urandom of=/data/large bs=1M count=160; touch /data/whole; }; "
            + "trap 'exit 0' TERM; "
            + "while :; do read now rest < /proc/uptime; echo $now >> /data/ticks; sleep 0.1; done",
    ]

    @Test(
        "what is in a container's volumes goes while it runs, and what it writes meanwhile after it",
        .timeLimit(.minutes(5)))
    func volumesInTwoPasses() async throws {
        let name = "store-0"
        try await cluster.apply(
            Spec(
                name: "store", command: Self.writer,
                more: ["volumes: [{name: data, path: /data}]", "move: {allow: [live, restart]}"]),
            on: "lab-1")
        try await cluster.running(name)
        func read(_ program: String, _ file: String) async throws -> String {
            try await cluster.run("exec", name, "--", program, file).output
        }
        try await cluster.must("it ticks", within: .seconds(60)) {
            try await Lab.huddle(["exec", name, "--", "/bin/cat", "/data/ticks"]).status == 0
        }
        let sum = try await read("/bin/sha256sum", "/data/large")
        #expect(sum.count > 64, "\(sum)")
        // At this the large file alone takes ten seconds.
        try await cluster.setPolicy(["moves.bandwidth=16MiB/s"])
        for (target, mode) in [("lab-2", "live"), ("lab-3", "restart"), ("lab-1", "live")] {
            // What came here, or was written, within the last half minute goes in both passes.
            try await Task.sleep(for: .seconds(32))
            let before = try ticks(in: try await read("/bin/cat", "/data/ticks"))
            let began = ContinuousClock.now
            try await cluster.run(
                "migrate", name, "--to", target, "--mode", mode, within: .seconds(120))
            let pages = try await DirtyPages.count(
                of: "/var/lib/containers/storage/volumes/*\(name).data/_data/large", on: target)
            #expect(pages ?? 0 == 0, "\(mode): what came is on the disk")
            #expect(ContinuousClock.now - began > .seconds(9), "\(mode): the ceiling is kept")
            try await cluster.must("it ticks again") {
                try ticks(in: try await read("/bin/cat", "/data/ticks")).count > before.count + 50
            }
            let after = try ticks(in: try await read("/bin/cat", "/data/ticks"))
            #expect(after.starts(with: before), "\(mode): what it wrote before is there")
            let gaps = zip(after, after.dropFirst()).map { $1 - $0 }
            // Most of what the large file takes, and all that a checkpoint and a start do on a slow machine.
            #expect(gaps.max() ?? 0 < 5, "\(mode): \(gaps.max() ?? 0) s")
            #expect(try await read("/bin/sha256sum", "/data/large") == sum, "\(mode)")
            let move = try #require(try await cluster.moves().first { $0.instance == name })
            #expect(move.mode == mode && move.outcome == "done", "\(move)")
            // Once, and not once more for what had changed.
            #expect(move.measured.aheadBytes ?? 0 > 160 << 20, "\(move)")
            #expect(move.measured.bytes ?? .max < 32 << 20, "\(move)")
            try await onlyCopies([name])
            #expect(
                try await HostTraces.all().allSatisfy {
                    $0.hasPrefix("\(target): ") && !$0.contains("volume")
                })
        }
    }

    private func ticks(in text: String) throws -> [Double] {
        try text.split(separator: "\n").map { line in try #require(Double(line), "\(line)") }
    }

    /// Changes what its image has, for good, and then writes the moment beside a large file, all of it outside of volumes.
    private static let changer = [
        "/bin/sh", "-c",
        "[ -e /whole ] || { echo changed > /www/index.html && rm /bin/ipcalc && mkdir /new && echo new > /new/file && "
            + "dd if=/dev/urandom of=/large bs=1M count=160 && touch /whole; }; "
            + "trap 'exit 0' TERM; "
            + "while :; do read now rest < /proc/uptime; echo $now >> /ticks; sleep 0.1; done",
    ]

    @Test(
        "what a container changed of its image goes on with it, most of it while it runs",
        .timeLimit(.minutes(5)))
    func layerInTwoPasses() async throws {
        let name = "writer-0"
        try await cluster.apply(
            Spec(name: "writer", command: Self.changer, more: ["move: {allow: [live]}"]),
            on: "lab-1")
        try await cluster.running(name)
        func run(_ program: String...) async throws -> String {
            let ended = try await Lab.huddle(["exec", name, "--"] + program)
            try #require(ended.status == 0, "\(ended)")
            return ended.output
        }
        try await cluster.must("it ticks", within: .seconds(60)) {
            try await Lab.huddle(["exec", name, "--", "/bin/cat", "/ticks"]).status == 0
        }
        let sum = try await run("/bin/sha256sum", "/large")
        #expect(sum.count > 64, "\(sum)")
        func state() async throws -> String {
            try await run(
                "/bin/sh", "-c", "cat /www/*; cat /new/*; ls /www; [ -e /bin/ipcalc ] || echo gone")
        }
        var changed = "changed\nnew\nindex.html\ngone\n"
        #expect(try await state() == changed)
        // At this the large file alone takes ten seconds.
        try await cluster.setPolicy(["moves.bandwidth=16MiB/s"])
        for target in ["lab-2", "lab-3"] {
            // What came here, or was written, within the last half minute goes in both passes.
            try await Task.sleep(for: .seconds(32))
            let before = try ticks(in: try await run("/bin/cat", "/ticks"))
            try await cluster.run(
                "migrate", name, "--to", target, "--mode", "live", within: .seconds(120))
            try await cluster.must("it ticks again") {
                try ticks(in: try await run("/bin/cat", "/ticks")).count > before.count + 50
            }
            let after = try ticks(in: try await run("/bin/cat", "/ticks"))
            #expect(after.starts(with: before), "what it wrote before is there")
            let gaps = zip(after, after.dropFirst()).map { $1 - $0 }
            // Most of what the large file takes, and all that a checkpoint and a start do on a slow machine.
            #expect(gaps.max() ?? 0 < 5, "\(gaps.max() ?? 0) s")
            #expect(try await run("/bin/sha256sum", "/large") == sum)
            #expect(try await state() == changed)
            let move = try #require(try await cluster.moves().first { $0.instance == name })
            #expect(move.mode == "live" && move.outcome == "done", "\(move)")
            #expect(move.measured.aheadBytes ?? 0 > 160 << 20, "\(move)")
            #expect(move.measured.bytes ?? .max < 32 << 20, "\(move)")
            try await onlyCopies([name])
            #expect(
                try await HostTraces.all().allSatisfy {
                    $0.hasPrefix("\(target): ") && !$0.contains("checkpoint")
                })
            // A directory of the image, made anew: nothing of the image's shows in it.
            _ = try await run("/bin/sh", "-c", "rm -r /www && mkdir /www && echo other > /www/page")
            changed = "other\nnew\npage\ngone\n"
        }
        // And all at once, right after that.
        try await cluster.setPolicy(["moves.bandwidth=none"])
        try await cluster.run(
            "migrate", name, "--to", "lab-1", "--mode", "live", within: .seconds(120))
        #expect(try await state() == changed)
        #expect(try await run("/bin/sha256sum", "/large") == sum)
    }
}
