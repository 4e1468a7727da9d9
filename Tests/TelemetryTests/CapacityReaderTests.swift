import ClusterModel
import Telemetry
import Testing

@Suite struct CapacityReaderTests {
    private static let guestFeatures = """
        fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx \
        fxsr sse sse2 ht syscall nx lm rep_good nopl cpuid extd_apicid pni cx16 hypervisor \
        lahf_lm cmp_legacy svm 3dnowprefetch vmmcall
        """
    private static let noRAPL = "the kernel shows no RAPL zone under /sys/class/powercap"
    private static let version1 =
        "control groups are version 1, only version 2 keeps pressure for each"

    /// A host in a container of version 1 with nothing limited.
    private static let plain = [
        "/proc/self/mounts": """
        cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0
        cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0

        """,
        "/sys/devices/system/cpu/online": "0-1\n",
        "/proc/meminfo": "MemTotal:       4194304 kB\n",
        "/proc/sys/kernel/random/boot_id": "b\n",
        "/proc/1/stat": "1 (a) b) S 0 0 0 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 9\n",
        "/proc/net/dev": "",
        "/data/file": "",
    ]

    private static func capacity(_ scene: Scene, group: String = "/") throws -> Capacity {
        try CapacityReader(files: scene.files, group: group, disk: "/").read()
    }

    @Test("version 2, the machine itself")
    func machine2() throws {
        let capacity = try Self.capacity(Scene(captured: "v2/machine"))
        #expect(capacity.total.cpu == CPU(millicores: 2000))
        #expect(capacity.total.memory == Bytes(352_016 * 1024))
        #expect(capacity.total.disk > .zero)
        #expect(capacity.total.network == BytesPerSecond(.max), "virtio says no speed")
        #expect(capacity.hostReserve == Resources(memory: .mebibytes(256)))
        #expect(capacity.architecture == "x86_64")
        #expect(capacity.kernel == "6.1.0-56-cloud-amd64")
        #expect(
            capacity.features == Self.guestFeatures.split(separator: " ").map(String.init).sorted())
        #expect(capacity.bootID == "7018b6cf-ee9b-4f35-9911-da5cb094ad35/23")
        #expect(
            capacity.capabilities == [
                Capability(.energy, available: false, detail: Self.noRAPL),
                Capability(.instancePressure, available: true, detail: "cgroup v2"),
            ])
    }

    @Test("version 2, a host in a container: its quota, its memory, its own boot")
    func host2() throws {
        let capacity = try Self.capacity(Scene(captured: "v2/host"))
        #expect(capacity.total.cpu == CPU(millicores: 1500))
        #expect(capacity.total.memory == .mebibytes(256))
        #expect(capacity.bootID == "7018b6cf-ee9b-4f35-9911-da5cb094ad35/257")
        #expect(capacity.capability(.instancePressure)?.available == true)
    }

    @Test("version 1 with an empty version 2 beside it, the machine itself")
    func machine1() throws {
        let capacity = try Self.capacity(Scene(captured: "v1-hybrid/machine"))
        #expect(capacity.total.cpu == CPU(millicores: 2000))
        #expect(capacity.total.memory == Bytes(24_684_084 * 1024))
        #expect(capacity.bootID == "570f91fd-89b8-4190-9b20-eaa1ffd2d4f7/24")
        #expect(
            capacity.capability(.instancePressure)
                == Capability(.instancePressure, available: false, detail: Self.version1))
    }

    @Test("version 1, a host in a container")
    func host1() throws {
        let capacity = try Self.capacity(Scene(captured: "v1-hybrid/host"))
        #expect(capacity.total.cpu == CPU(millicores: 1500))
        #expect(capacity.total.memory == .mebibytes(256))
        #expect(capacity.bootID == "570f91fd-89b8-4190-9b20-eaa1ffd2d4f7/248514")
    }

    @Test(
        "every group above counts, not only the one that is named",
        arguments: [
            ("/", 2000, 343), ("/host", 1500, 256), ("/host/huddle", 1500, 256),
            ("/host/huddle/burn-0", 250, 64),
        ]
            as [(String, UInt64, UInt64)])
    func lineage(group: String, millicores: UInt64, mebibytes: UInt64) throws {
        let total = try Self.capacity(Scene(captured: "v2/machine"), group: group).total
        #expect(total.cpu == CPU(millicores: millicores))
        #expect(total.memory.count >> 20 == mebibytes)
    }

    @Test(
        "processors on version 1: quota, processor set and what is online",
        arguments: [
            ("0-1", "-1", nil, 2000), ("0-1", "100000", nil, 1000), ("0-1", "33333", nil, 333),
            ("0-1", "900000", nil, 2000), ("0-7,9", "-1", "0-2,5", 4000), ("0", "-1", "", 1000),
            ("0-3", "-1", "nonsense", 4000), ("0-3", "-1", "0-18446744073709551615,7", 4000),
        ] as [(String, String, String?, UInt64)])
    func processors(online: String, quota: String, set: String?, millicores: UInt64) throws {
        let scene = try Scene(Self.plain)
        try scene.write(online + "\n", to: "/sys/devices/system/cpu/online")
        try scene.write(quota + "\n", to: "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us")
        try scene.write("100000\n", to: "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us")
        if let set {
            let mounts =
                (Self.plain["/proc/self/mounts"] ?? "") + "cgroup /sets cgroup rw,cpuset 0 0\n"
            try scene.write(mounts, to: "/proc/self/mounts")
            try scene.write(set + "\n", to: "/sets/cpuset.effective_cpus")
        }
        #expect(try Self.capacity(scene).total.cpu == CPU(millicores: millicores))
    }

    @Test("a group that is named is a part of the machine, even before it exists")
    func futureGroup() throws {
        let scene = try Scene(captured: "v2/machine")
        #expect(!HostSampler(files: scene.files, group: "/huddle.slice").isMachine)
        #expect(try Self.capacity(scene, group: "/huddle.slice").total.cpu == CPU(millicores: 2000))
    }

    @Test("a first process whose name has brackets")
    func bootID() throws {
        #expect(try Self.capacity(Scene(Self.plain)).bootID == "b/4711")
    }

    @Test(
        "without the files that matter it fails, and says which",
        arguments: [
            "/sys/devices/system/cpu/online", "/proc/meminfo", "/proc/1/stat",
            "/proc/sys/kernel/random/boot_id",
        ])
    func missing(path: String) throws {
        let scene = try Scene(Self.plain)
        try scene.remove(path)
        let failure = #expect(throws: TelemetryFailure.self) { try Self.capacity(scene) }
        #expect(failure?.path == path)
        try scene.write("rubbish\n", to: path)
        guard path != "/proc/sys/kernel/random/boot_id" else { return }
        #expect(throws: TelemetryFailure.self) { try Self.capacity(scene) }
    }

    @Test("a directory that is not there has no disk")
    func missingDisk() throws {
        let scene = try Scene(Self.plain)
        let failure = #expect(throws: TelemetryFailure.self) {
            try CapacityReader(files: scene.files, disk: "/absent").read()
        }
        #expect(failure?.path == "/absent")
    }

    @Test(
        "energy: yes on a machine; no, with the reason, in a part of one and without the right"
    )
    func energy() throws {
        let scene = try Scene(Self.plain)
        try scene.write("1\n", to: "/sys/fs/cgroup/cpu,cpuacct/release_agent")
        try scene.write("123\n", to: "/sys/class/powercap/intel-rapl:0/energy_uj")
        #expect(
            try Self.capacity(scene).capability(.energy)
                == Capability(.energy, available: true, detail: "RAPL, 1 package(s)"))
        try scene.write("", to: "/sys/class/powercap/intel-rapl:0/energy_uj")
        #expect(
            try Self.capacity(scene).capability(.energy)?.detail
                == "energy_uj cannot be read, which takes root")
        try scene.remove("/sys/fs/cgroup/cpu,cpuacct/release_agent")
        #expect(
            try Self.capacity(scene).capability(.energy)?.detail
                == "the counters are the whole machine's, of which this host is a part")
    }

    @Test("what drivers found out is added")
    func probed() throws {
        let scene = try Scene(Self.plain)
        let kvm = Capability(.kvm, available: false, detail: "the guest did not boot")
        let capacity = try CapacityReader(files: scene.files, disk: "/data").read(adding: [kvm])
        #expect(capacity.capabilities.map(\.name) == [.energy, .instancePressure, .kvm])
    }

    @Test("no pressure for instances where the kernel keeps none")
    func noPressure() throws {
        let scene = try Scene(Self.plain)
        try scene.write("none /sys/fs/cgroup cgroup2 rw 0 0\n", to: "/proc/self/mounts")
        let reason = try Self.capacity(scene).capability(.instancePressure)?.detail
        #expect(reason == "the kernel keeps no pressure (built without PSI or booted with psi=0)")
        try scene.write("", to: "/proc/self/mounts")
        #expect(
            try Self.capacity(scene).capability(.instancePressure)?.detail
                == "no control groups are mounted")
    }
}
