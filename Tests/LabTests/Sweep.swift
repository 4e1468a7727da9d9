import Foundation
import Synchronization
import Testing

extension Cluster {
    /// What the tests start from, where they say nothing else: reservations decide, nothing is held back, no rest.
    static let plainPolicy = [
        "mode=suggest", "demand=reserved", "ceiling.cpu=95%", "ceiling.memory=90%", "hot.cpu=97%",
        "hot.hold=10s", "cold.cpu=45%", "cold.hold=10s", "reserve=0", "rest=0s", "moves.host=2",
        "moves.cluster=5", "moves.instance=4", "moves.compression=none", "moves.streams=2",
        "moves.bandwidth=none", "gain=1d",
    ]

    /// Makes the cluster empty and whole: machines run and are connected, nothing is drained, nothing is placed, and the
    /// hosts have no trace of an instance. Whatever does not go by itself is reported and taken away.
    func sweep() async throws {
        try await repairMachines()
        try await must("the coordinator answers", within: .seconds(30)) {
            try await !hosts().isEmpty
        }
        for host in try await hosts() where host.state == "draining" {
            try await run("restore", host.name)
        }
        for host in try await hosts() where host.state == "fenced" {
            try await run("host", "remove", host.name, "--yes")
        }
        let known = try await hosts().map(\.name)
        for host in Lab.hosts where !known.contains(host) { try await rejoin(host) }
        try await hostsReady()
        for workload in try await workloads() {
            try await run("delete", workload, "--volumes", "--yes")
        }
        do {
            try await must("nothing is left of deleted workloads", within: .seconds(45)) {
                guard try await instances().isEmpty, try await unfinishedMoves().isEmpty
                else { return false }
                guard try await RealCopies.all().isEmpty else { return false }
                return try await HostTraces.all().isEmpty
            }
        } catch {
            for host in Lab.hosts { try await RealCopies.removeAll(on: host) }
            Issue.record(error)
        }
        try await setPolicy(Self.plainPolicy)
        try await addImages()
    }

    func setPolicy(_ settings: [String]) async throws {
        let ended = try await Lab.huddle(["policy", "set"] + settings)
        guard ended.status == 0 else { throw Unexpected("\(ended)") }
    }

    func workloads() async throws -> [String] {
        let ended = try await run("get", "workloads", "-o", "json")
        return try JSONDecoder().decode(WorkloadList.self, from: Data(ended.output.utf8))
            .workloads.map(\.name)
    }

    private func repairMachines() async throws {
        let rows = try await Lab.script("status").split(separator: "\n").dropFirst()
        for words in rows.map({ $0.split(separator: " ").map(String.init) }) where words.count > 2 {
            if words[2] == "stopped" { try await Lab.script("start", words[0]) }
            if words[2] == "cut" { try await Lab.script("heal", words[0]) }
        }
    }

    /// `busybox` and `guest` as the demo has them, `idle` is the guest without a load.
    private func addImages() async throws {
        let listed = try await run("image", "list", "-o", "json")
        let known = try JSONDecoder().decode(ImageList.self, from: Data(listed.output.utf8))
            .images.map(\.name)
        if !known.contains("busybox") {
            try await run(
                "image", "add", "busybox", Lab.guest.appending(path: "busybox.tar").path())
        }
        let line = "console=ttyS0 quiet"
        for (name, append) in [("guest", line + " huddle.load=100"), ("idle", line)]
        where !known.contains(name) {
            try await run(
                "image", "add", name, "--kernel", Lab.guest.appending(path: "vmlinuz").path(),
                "--initrd", Lab.guest.appending(path: "initrd.img").path(), "--append", append)
        }
    }
}

/// Gives each test an empty cluster, and looks whether it leaves one that can be emptied again.
struct EmptyCluster: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let cluster = Cluster()
        // The test before has swept already, if there was one and if it could.
        if !Self.isSwept.exchange(false, ordering: .relaxed) { try await cluster.sweep() }
        do {
            try await function()
        } catch {
            print("\(test.name) failed; \(await cluster.picture())")
            try? await cluster.sweep()
            throw error
        }
        try await cluster.sweep()
        Self.isSwept.store(true, ordering: .relaxed)
    }

    private static let isSwept = Atomic(false)
}

extension Trait where Self == EmptyCluster {
    static var emptyCluster: Self { EmptyCluster() }
}

/// Everything that only three real hosts can show. `scripts/test` brings them up and down.
@Suite(
    .serialized, .emptyCluster,
    .enabled(if: Lab.isWanted, "needs a lab: HUDDLE_TEST_LAB=1 after scripts/lab up --hosts 3"))
struct LabTests {
    let cluster = Cluster()
}
