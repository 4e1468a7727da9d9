import ClusterModel
import Telemetry
import Testing

@Suite struct HostSamplerTests {
    /// The sample between the two moments of a captured system.
    private static func sample(_ name: String, group: String = "/") throws -> (
        Sample, isMachine: Bool
    ) {
        let scene = try Scene(captured: name)
        var sampler = HostSampler(files: scene.files, group: group)
        _ = sampler.sample(atNanoseconds: scene.uptime)
        try scene.show(name, moment: 2)
        return (sampler.sample(atNanoseconds: scene.uptime), sampler.isMachine)
    }

    @Test("version 2, the machine itself: all from /proc")
    func machine2() throws {
        let (sample, isMachine) = try Self.sample("v2/machine")
        #expect(isMachine)
        #expect(
            sample
                == Sample(
                    // 336 ticks of 10 ms, 90 112 sectors and 890 bytes in 9.02 s.
                    cpu: CPU(millicores: 372), memory: Bytes((352_016 - 304_324) * 1024),
                    network: BytesPerSecond(98), disk: BytesPerSecond(5_115_004),
                    pressure: Pressure(
                        scope: .machine, cpu: Share(permille: 423), memory: .none, io: .none)))
    }

    @Test("version 2, a host in a container: its own group, whatever /proc says of the machine")
    func host2() throws {
        let (sample, isMachine) = try Self.sample("v2/host")
        #expect(!isMachine)
        #expect(
            sample
                == Sample(
                    cpu: CPU(millicores: 340), memory: Bytes(18_653_184), throttled: 0,
                    network: BytesPerSecond(89), disk: BytesPerSecond(5_398_846),
                    pressure: Pressure(
                        scope: .cgroup, cpu: Share(permille: 494), memory: .none, io: .none)))
    }

    @Test("version 2, a group of the machine that is named")
    func slice2() throws {
        let (sample, isMachine) = try Self.sample("v2/machine", group: "/host")
        #expect(!isMachine)
        #expect(sample.cpu == CPU(millicores: 274))
        #expect(sample.memory == Bytes(17_854_464))
        #expect(
            sample.pressure
                == Pressure(
                    scope: .cgroup, cpu: Share(permille: 389), memory: .none, io: Share(permille: 1)
                ))
    }

    @Test("version 1, the machine itself: the version 2 beside it is not looked at")
    func machine1() throws {
        let (sample, isMachine) = try Self.sample("v1-hybrid/machine")
        #expect(isMachine)
        #expect(
            sample
                == Sample(
                    cpu: CPU(millicores: 1093), memory: Bytes(638_967_808),
                    // The traffic of this machine's containers passes four veths and a bridge: none
                    // counts.
                    network: .zero, disk: BytesPerSecond(10_636_771),
                    pressure: Pressure(
                        scope: .machine, cpu: Share(permille: 321), memory: .none,
                        io: Share(permille: 8))))
    }

    @Test("version 1, a host in a container: the machine's pressure, marked as such")
    func host1() throws {
        let (sample, isMachine) = try Self.sample("v1-hybrid/host")
        #expect(!isMachine)
        #expect(
            sample
                == Sample(
                    cpu: CPU(millicores: 312), memory: Bytes(3_178_496 - 430_080), throttled: 0,
                    network: .zero, disk: .zero,
                    pressure: Pressure(
                        scope: .machine, cpu: Share(permille: 476), memory: .none,
                        io: Share(permille: 4))))
    }

    @Test("the first sample has no rates, only what is so now")
    func first() throws {
        let scene = try Scene(captured: "v2/host")
        var sampler = HostSampler(files: scene.files)
        let sample = sampler.sample(atNanoseconds: scene.uptime)
        #expect(
            sample.cpu == nil && sample.network == nil && sample.disk == nil
                && sample.throttled == nil)
        #expect(sample.memory != nil && sample.pressure != nil)
    }

    @Test("a host that shows nothing is sampled as nothing")
    func nothing() throws {
        let scene = try Scene([
            "/proc/stat": "cpu\n", "/proc/meminfo": "MemTotal:\n", "/proc/diskstats": "a b\n",
        ])
        var sampler = HostSampler(files: scene.files)
        #expect(sampler.sample(atNanoseconds: 0) == Sample())
        let second = sampler.sample(atNanoseconds: 1)
        #expect(second.cpu == nil && second.memory == nil && second.pressure == nil)
    }

    @Test(
        "pressure that is not what the kernel writes is no pressure",
        arguments: [
            "", "some\n", "some avg10=\n", "some avg10=x.yz", "some avg10=400.00",
            "full avg10=1.00",
        ])
    func malformedPressure(line: String) throws {
        let scene = try Scene([
            "/proc/pressure/cpu": "some avg10=1.00\n", "/proc/pressure/memory": line,
            "/proc/pressure/io": "some avg10=1.00\n",
        ])
        var sampler = HostSampler(files: scene.files)
        #expect(sampler.sample(atNanoseconds: 0).pressure == nil)
        try scene.write("some avg10=99.95 avg60=1.00\n", to: "/proc/pressure/memory")
        #expect(sampler.sample(atNanoseconds: 1).pressure?.memory == .whole)
    }

    @Test("disks count, what lies on them does not")
    func disks() throws {
        let scene = try Scene([
            "/proc/diskstats": Self.disks(sectors: 0),
            "/sys/dev/block/8:0/device/model": "disk",
        ])
        var sampler = HostSampler(files: scene.files)
        _ = sampler.sample(atNanoseconds: 0)
        try scene.write(Self.disks(sectors: 100), to: "/proc/diskstats")
        let sample = sampler.sample(atNanoseconds: 1_000_000_000)
        #expect(sample.disk == BytesPerSecond(2 * 100 * 512))
    }

    private static func disks(sectors: Int) -> String {
        ["8 0 sda", "8 1 sda1", "253 0 dm-0", "7 0 loop0"].map { name in
            "   \(name) 1 0 \(1000 + sectors) 3 4 0 \(2000 + sectors) 6 0 7 8\n"
        }.joined()
    }
}
