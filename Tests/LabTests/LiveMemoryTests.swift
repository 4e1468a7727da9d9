import Foundation
import Testing

extension LabTests {
    private static let mebibyte: UInt64 = 1 << 20

    @Test(
        "a VM gives up what it does not use, goes on elsewhere and has it back",
        .timeLimit(.minutes(3)))
    func balloon() async throws {
        var lean = Spec.machine("lean")
        lean.memory = "384MiB"
        lean.more = ["move: {allow: [live], downtime: 300ms, balloon: true}"]
        try await cluster.apply(lean, on: "lab-1")
        // A file that is gone leaves some 200 MB behind that hold nothing and would have to be sent. What is typed while the
        // guest boots loses its beginning: it counts only where all of it was understood, and is done once.
        let fill =
            "[ -e /tmp/mark ] || { for i in $(seq 100); do cat /bin/busybox; done > /tmp/gone; "
            + "rm /tmp/gone; echo kept > /tmp/mark; }; echo filled-$(cat /tmp/mark)"
        try await says("lean-0", fill, "filled-kept")
        try await cluster.run("migrate", "lean-0", "--to", "lab-2", within: .seconds(90))
        #expect(try await cluster.running("lean-0")[0].host == "lab-2")
        try await onlyCopies(["lean-0"])
        let move = try #require(try await cluster.moves().first { $0.instance == "lean-0" })
        #expect(move.mode == "live" && move.outcome == "done", "\(move)")
        let given = try #require(move.measured.balloonedBytes, "\(move)")
        let sent = try #require(move.measured.bytes, "\(move)")
        #expect(given > 100 * Self.mebibyte, "\(move)")
        // Less than that file alone.
        #expect(sent < 180 * Self.mebibyte, "\(move)")
        let events = try await cluster.run("events", "-n", "40")
        #expect(events.output.contains("MiB ballooned back in "), "\(events)")
        // The same boot, which has all of its memory again.
        let look =
            "echo here-$(cat /tmp/mark)-$(awk '/MemAvailable/ { print ($2 > 150000) }' /proc/meminfo)"
        try await says("lean-0", look, "here-kept-1")
        try await neverBooted("lean-0", on: "lab-2")
    }

    /// Counts, and each time reads all of what it holds: the length of a text is where its first zero is.
    private static let holder =
        "x=$(/bin/busybox head -c 16000000 /dev/zero | /bin/busybox tr '\\0' x); i=0; "
        + "while :; do i=$((i+1)); echo count $i of ${#x}; sleep 0.2; done"

    @Test("a container's memory goes compressed where policy says so", .timeLimit(.minutes(3)))
    func compressed() async throws {
        try await cluster.apply(
            Spec(
                name: "holder", cpu: 200, memory: "128MiB",
                command: ["/bin/sh", "-c", Self.holder], more: ["move: {allow: [live]}"]),
            on: "lab-1")
        try await cluster.running("holder-0")
        try await counts("holder-0", further: 3)
        var sent: [String: UInt64] = [:]
        // The last is what the policy was.
        for (compression, target) in [("zstd", "lab-2"), ("none", "lab-3")] {
            try await cluster.setPolicy(["moves.compression=\(compression)"])
            try await cluster.run("migrate", "holder-0", "--to", target, within: .seconds(90))
            #expect(try await cluster.running("holder-0")[0].host == target)
            try await counts("holder-0", further: 3)
            let move = try #require(
                try await cluster.moves().first {
                    $0.instance == "holder-0" && $0.target == target
                })
            #expect(move.mode == "live" && move.outcome == "done", "\(move)")
            #expect(move.measured.compression == compression, "\(move)")
            sent[compression] = move.measured.bytes
        }
        try await onlyCopies(["holder-0"])
        print("16 MB that repeat: sent \(sent)")
        let plain = try #require(sent["none"])
        #expect(plain > 15 * Self.mebibyte, "\(sent)")
        #expect(try #require(sent["zstd"]) < plain / 4, "\(sent)")
    }

    /// That it goes on counting from where it was, with all that it holds.
    private func counts(_ instance: String, further more: Int) async throws {
        let before = try await counted(instance).count
        // What it wrote on its last host comes a moment after it.
        let lines = try await cluster.eventually("\(instance) counts further") {
            let lines = try await counted(instance)
            let isWhole = lines.first?.hasPrefix("count 1 ") == true
            return isWhole && lines.count >= before + more ? lines : nil
        }
        #expect(lines == (1...lines.count).map { "count \($0) of 16000000" })
    }

    private func counted(_ instance: String) async throws -> [String] {
        try await cluster.run("logs", instance).output.split(whereSeparator: \.isNewline)
            .map(String.init).filter { $0.hasPrefix("count ") }
    }
}
