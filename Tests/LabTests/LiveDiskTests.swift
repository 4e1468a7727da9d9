import Foundation
import Testing

extension LabTests {
    @Test(
        "a VM takes its own disks along while it runs, its base where the target lacks it, and finds the shared one",
        .timeLimit(.minutes(5)))
    func liveDisks() async throws {
        let listed = try await cluster.run("image", "list", "-o", "json")
        if !listed.output.contains("\"disk\"") {
            let file = Lab.guest.appending(path: "guest.qcow2").path()
            try await cluster.run("image", "add", "disk", file)
        }
        var store = Spec.machine("store")
        store.image = "disk"
        store.more = [
            "move: {allow: [live], downtime: 300ms}",
            "disks: [16MiB, {name: all, size: 8MiB, shared: /srv/shared}]", "ports: [8080:80]",
            "cloudInit: \"#cloud-config\"",
        ]
        try await cluster.apply(store, on: "lab-1")
        // What is typed while the guest boots loses its beginning; once it answers, nothing does.
        try await says("store-0", "echo up-$((6 * 7))", "up-42")
        // What an earlier test wrote there is still there.
        let word = "w\(UInt32.random(in: 100_000_000...999_999_999))"
        let write =
            "echo -n memory > /tmp/word; echo -n disk | dd of=/dev/vdb conv=sync; "
            + "echo -n \(word) | dd of=/dev/vdc conv=sync; sync"
        try await says("store-0", write + "; echo wrote-$((6 * 7))", "wrote-42")
        for target in ["lab-2", "lab-1"] {
            try await cluster.run("migrate", "store-0", "--to", target, within: .seconds(150))
            try await cluster.running("store-0")
            // Not what it remembers of its disks.
            let read =
                "echo 3 > /proc/sys/vm/drop_caches; "
                + "echo kept-$(cat /tmp/word)-and-$(head -c 4 /dev/vdb)-of-$(head -c 10 /dev/vdc)"
            try await says("store-0", read, "kept-memory-and-disk-of-\(word)")
            try await onlyCopies(["store-0"])
            try await cluster.must("the page is served", within: .seconds(60)) {
                try await serves("lab-3")
            }
        }
        let moves = try await cluster.moves().filter { $0.instance == "store-0" }
        #expect(moves.allSatisfy { $0.mode == "live" && $0.outcome == "done" }, "\(moves)")
    }

    /// Its packets get no answer, as when its power fails: nothing tells the source's QEMU that nobody is there any more.
    @Test(
        "a VM whose target vanishes in the middle of the copy goes on, disks included",
        .timeLimit(.minutes(6)))
    func vanished() async throws {
        var store = Spec.machine("store")
        store.more = ["move: {allow: [live], downtime: 300ms}", "disks: [16MiB]"]
        try await cluster.apply(store, on: "lab-1")
        try await says("store-0", "echo up-$((6 * 7))", "up-42")
        try await Lab.inside(
            "lab-1", "tc qdisc add dev eth0 root tbf rate 60mbit burst 128k latency 100ms")
        do {
            async let migration = Lab.huddle(
                ["migrate", "store-0", "--to", "lab-2"], within: .seconds(200))
            try await cluster.must("its memory is on its way", within: .seconds(60)) {
                let move = try await cluster.unfinishedMoves().first { $0.phase == "copy" }
                // The disk is equal by then, and each write to it goes to both sides.
                return (move?.progress?.rounds ?? 0) > 0
            }
            try await Lab.script("cut", "lab-2")
            _ = try await migration
            try await Lab.inside("lab-1", "tc qdisc del dev eth0 root")
        } catch {
            _ = try? await Lab.inside("lab-1", "tc qdisc del dev eth0 root")
            _ = try? await Lab.script("heal", "lab-2")
            throw error
        }
        try await cluster.noMoveUnderWay()
        #expect(try await cluster.running("store-0")[0].host == "lab-1")
        let write = "dd if=/dev/zero of=/dev/vda bs=4k count=1 conv=fsync 2> /dev/null"
        try await says("store-0", write + " && echo wrote-$((6 * 7))", "wrote-42")
        // Nothing of that move is in the way of another.
        try await cluster.run("migrate", "store-0", "--to", "lab-3", within: .seconds(150))
        try await says("store-0", write + " && echo there-$((6 * 7))", "there-42")
        try await Lab.script("heal", "lab-2")
        try await cluster.hostsReady()
        try await onlyCopies(["store-0"])
    }

    /// Types a command at the console until its answer is there: a guest that boots has nobody to answer yet.
    func says(_ instance: String, _ command: String, _ answer: String) async throws {
        try await cluster.must("\(instance) says \(answer)", within: .seconds(120)) {
            try await Command(
                executable: Lab.program, arguments: ["console", instance],
                input: "\n\(command)\n", limit: .seconds(5)
            ).outputSoFar().contains(answer)
        }
    }
}
