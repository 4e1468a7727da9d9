import ClusterModel
import Glibc
import HostIO
import Testing

@Suite struct ControlGroupTests {
    private static let limits = ControlGroup.Limits(
        weight: CPU(millicores: 500), cap: CPU(millicores: 300), memory: .mebibytes(64),
        processes: 10)

    /// A directory that looks like a mounted hierarchy with a group `vms/a`, as the kernel would
    /// have made it.
    private func withHierarchy(
        _ version: ControlGroupTree.Hierarchy.Version, _ controllers: [String], files: [String],
        _ body: (ControlGroup, String) throws -> Void
    ) throws {
        let root = "/tmp/huddle-groups-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try HostFile.makeDirectory(root + "/vms/a")
        defer { try? HostFile.remove(root) }
        for name in files { try HostFile.replace(root + "/" + name, with: []) }
        let tree = ControlGroupTree(
            hierarchies: [.init(mount: root, version: version, controllers: controllers)])
        try body(ControlGroup("vms/a", in: tree), root)
    }

    @Test func firstVersionGetsSharesQuotaAndLimit() throws {
        let names = [
            "cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us", "memory.limit_in_bytes",
            "pids.max",
        ]
        try withHierarchy(.v1, ["cpu", "memory", "pids"], files: names.map { "vms/a/" + $0 }) {
            group, root in
            try group.create(Self.limits)
            let values = try names.map { try HostFile.text("\(root)/vms/a/\($0)") }
            #expect(values == ["512", "30000", "100000", "67108864", "10"])
        }
    }

    @Test func secondVersionGetsControllersWeightAndMaximum() throws {
        let names = ["cpu.weight", "cpu.max", "memory.max", "pids.max"]
        let files =
            names.map { "vms/a/" + $0 } + ["cgroup.subtree_control", "vms/cgroup.subtree_control"]
        try withHierarchy(.v2, ["cpu", "memory", "pids"], files: files) { group, root in
            try group.create(Self.limits)
            let values = try names.map { try HostFile.text("\(root)/vms/a/\($0)") }
            #expect(values == ["20", "30000 100000", "67108864", "10"])
            #expect(try HostFile.text(root + "/vms/cgroup.subtree_control") == "+cpu +memory +pids")
        }
    }

    @Test func hierarchiesOfNoUseAreLeftAlone() {
        let tree = ControlGroupTree(hierarchies: [
            .init(mount: "/a", version: .v1, controllers: ["freezer"]),
            .init(mount: "/b", version: .v2, controllers: ["hugetlb"]),
            .init(mount: "/c", version: .v1, controllers: ["cpu"]),
        ])
        #expect(tree.hierarchies.map(\.mount) == ["/c"])
        #expect(ControlGroup("x/y", in: tree).membershipFiles == ["/c/x/y/cgroup.procs"])
    }

    @Test(
        "a cap and a weight are what the kernel takes",
        arguments: [
            (1, 1000, 2, 1), (300, 30_000, 307, 12), (1000, 100_000, 1024, 39),
            (UInt64.max, .max, 262_144, 10_000),
        ])
    func conversions(_ millicores: UInt64, _ quota: UInt64, _ shares: UInt64, _ weight: UInt64) {
        let cpu = CPU(millicores: millicores)
        #expect([cpu.quota, cpu.shares, cpu.weight] == [quota, shares, weight])
    }
}
