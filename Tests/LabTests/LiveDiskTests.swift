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
