import ClusterModel
import Telemetry
import Testing

@Suite struct InstanceSamplerTests {
    private static let second: UInt64 = 1_000_000_000

    private static func sampler(_ scene: Scene, _ group: String) -> InstanceSampler {
        InstanceSampler(
            files: scene.files, groups: ControlGroups(files: scene.files), controlGroup: group)
    }

    /// The sample between the two moments of a captured system.
    private static func sample(
        _ name: String, _ group: String, traffic: InstanceSampler.Traffic = .unknown
    ) throws -> Sample? {
        let scene = try Scene(captured: name)
        var sampler = sampler(scene, group)
        _ = sampler.sample(atNanoseconds: scene.uptime, traffic: traffic)
        try scene.show(name, moment: 2)
        return sampler.sample(atNanoseconds: scene.uptime, traffic: traffic)
    }

    @Test("version 2: a quarter of a core is allowed and used, the rest throttled")
    func burning2() throws {
        #expect(
            try Self.sample("v2/host", "/huddle/burn-0")
                == Sample(
                    cpu: CPU(millicores: 251), memory: Bytes(16_838_656), throttled: 7_345_772,
                    disk: BytesPerSecond(5_398_846),
                    pressure: Pressure(
                        scope: .cgroup, cpu: Share(permille: 502), memory: .none, io: .none)))
    }

    @Test("version 2: the same instance from the machine's root, with the traffic of its processes")
    func traffic2() throws {
        let sample = try Self.sample("v2/machine", "/host/huddle/burn-0", traffic: .ofProcesses)
        #expect(sample?.cpu == CPU(millicores: 259))
        #expect(sample?.throttled == 7_743_903)
        #expect(sample?.network == BytesPerSecond(98))
    }

    @Test("version 2: one that sleeps")
    func sleeping2() throws {
        let sample = try Self.sample("v2/host", "/huddle/idle-0")
        #expect(sample?.cpu == .zero)
        #expect(sample?.memory == Bytes(102_400))
        #expect(sample?.throttled == 0)
        #expect(sample?.disk == .zero, "its io.stat is empty")
    }

    @Test("version 1: no pressure, and none is taken from the version 2 beside it")
    func burning1() throws {
        #expect(
            try Self.sample("v1-hybrid/host", "/burn-0")
                == Sample(
                    cpu: CPU(millicores: 246), memory: Bytes(245_760), throttled: 3_219_455,
                    disk: .zero))
        #expect(
            try Self.sample("v1-hybrid/machine", "/huddle-capture/burn-0")?.cpu
                == CPU(millicores: 251))
    }

    @Test("a group that is not there is no instance", arguments: ["v2/host", "v1-hybrid/host"])
    func vanished(name: String) throws {
        #expect(try Self.sample(name, "/huddle/gone-0") == nil)
    }

    @Test("a group that vanishes while it is watched")
    func vanishing() throws {
        let scene = try Scene(Self.group("/g", microseconds: 5))
        var sampler = Self.sampler(scene, "/g")
        #expect(sampler.sample(atNanoseconds: 0) != nil)
        try scene.remove("/sys/fs/cgroup/g")
        #expect(sampler.sample(atNanoseconds: Self.second) == nil)
    }

    @Test("a restart gives no figure for one second, never a huge one")
    func restart() throws {
        let scene = try Scene(Self.group("/g", microseconds: 9_000_000))
        var sampler = Self.sampler(scene, "/g")
        var seen: [UInt64?] = []
        for (index, used) in [9_500_000, 100_000, 600_000].enumerated() {
            for (path, content) in Self.group("/g", microseconds: used) {
                try scene.write(content, to: path)
            }
            let sample = sampler.sample(
                atNanoseconds: UInt64(index) * Self.second, traffic: .counted(Bytes(UInt64(used))))
            seen += [sample?.cpu?.millicores, sample?.network?.count]
        }
        #expect(seen == [nil, nil, nil, nil, 500, 500_000])
    }

    @Test("version 1: disk is the last line's total over devices and directions")
    func disk1() throws {
        let mounts = "c /c cgroup rw,cpuacct 0 0\nb /b cgroup rw,blkio 0 0\n"
        let path = "/b/g/blkio.throttle.io_service_bytes_recursive"
        let scene = try Scene([
            "/proc/self/mounts": mounts, "/c/g/cpuacct.usage": "1\n",
            path: "8:0 Read 10\n8:0 Write 20\n8:0 Total 30\nTotal 30\n",
        ])
        var sampler = Self.sampler(scene, "/g")
        _ = sampler.sample(atNanoseconds: 0)
        try scene.write("8:0 Read 10\n8:0 Write 70\n8:0 Total 80\nTotal 80\n", to: path)
        #expect(sampler.sample(atNanoseconds: Self.second)?.disk == BytesPerSecond(50))
    }

    @Test("controllers on both versions: each is read where it is")
    func mixed() throws {
        let scene = try Scene([
            "/proc/self/mounts": "u /u cgroup2 rw 0 0\nm /m cgroup rw,memory 0 0\n",
            "/u/cgroup.controllers": "cpu io\n",
            "/u/g/cpu.stat": "usage_usec 7\nthrottled_usec 3\n",
            // Left over from nobody: version 2 does not have this controller.
            "/u/g/memory.current": "99\n",
            "/m/g/memory.usage_in_bytes": "5000\n",
            "/m/g/memory.stat": "inactive_file 1\ntotal_inactive_file 1000\n",
        ])
        var sampler = Self.sampler(scene, "/g")
        #expect(sampler.sample(atNanoseconds: 0)?.memory == Bytes(4000))
    }

    @Test("statistics that are ahead of use give no memory, not a huge one")
    func staleMemory() throws {
        var contents = Self.group("/g", microseconds: 1)
        contents["/sys/fs/cgroup/g/memory.current"] = "4096\n"
        contents["/sys/fs/cgroup/g/memory.stat"] = "inactive_file 8192\n"
        let scene = try Scene(contents)
        var sampler = Self.sampler(scene, "/g")
        #expect(sampler.sample(atNanoseconds: 0)?.memory == .zero)
    }

    @Test("traffic is that of the processes' own network namespace, found in groups below too")
    func namespaces() throws {
        var contents = Self.group("/g", microseconds: 1)
        contents["/sys/fs/cgroup/g/init.scope/cgroup.procs"] = "0\n41\n42\n"
        contents["/proc/41/net/dev"] =
            "h |\n f |\n lo: 5 0 0 0 0 0 0 0 5 0\n eth0: 100 0 0 0 0 0 0 0 0 0\n"
        let scene = try Scene(contents)
        try scene.link("/proc/self/ns/net", to: "net:[1]")
        try scene.link("/proc/41/ns/net", to: "net:[2]")
        var sampler = Self.sampler(scene, "/g")
        _ = sampler.sample(atNanoseconds: 0, traffic: .ofProcesses)
        try scene.write(
            "lo: 9 0 0 0 0 0 0 0 9 0\n eth0: 150 0 0 0 0 0 0 0 30 0\n", to: "/proc/41/net/dev")
        #expect(
            sampler.sample(atNanoseconds: Self.second, traffic: .ofProcesses)?.network
                == BytesPerSecond(80))

        // The number is used again by a process in the host's namespace: nothing of the host's may
        // be counted.
        try scene.remove("/proc/41/ns/net")
        try scene.link("/proc/41/ns/net", to: "net:[1]")
        try scene.write("eth0: 990000 0 0 0 0 0 0 0 30 0\n", to: "/proc/41/net/dev")
        for moment in [2, 3] as [UInt64] {
            let sample = sampler.sample(atNanoseconds: moment * Self.second, traffic: .ofProcesses)
            #expect(sample?.cpu != nil)
            #expect(sample?.network == nil)
        }
    }

    private static func group(_ path: String, microseconds: Int) -> [String: String] {
        [
            "/proc/self/mounts": "c /sys/fs/cgroup cgroup2 rw 0 0\n",
            "/sys/fs/cgroup\(path)/cpu.stat": "usage_usec \(microseconds)\n",
        ]
    }
}
