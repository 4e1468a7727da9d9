import ClusterModel
import Telemetry
import Testing

@Suite struct NetworkInterfacesTests {
    /// One line for each interface: name, bytes received, bytes sent.
    private static func table(_ lines: [(String, Int, Int)]) -> String {
        "Inter-| Receive | Transmit\n face |bytes packets |bytes packets\n"
            + lines.map { "\($0.0): \($0.1) 0 0 0 0 0 0 0 \($0.2) 0 0 0 0 0 0 0\n" }.joined()
    }

    @Test("a machine counts the interfaces with a device, also when one is a bridge's port")
    func machine() throws {
        let scene = try Scene([
            "/proc/net/dev": Self.table([
                ("lo", 1, 1), ("eth0", 10, 20), ("eth1", 100, 200), ("br0", 10, 20), ("tap0", 5, 5),
            ]),
            "/sys/class/net/eth0/device/vendor": "", "/sys/class/net/eth0/brport/state": "3\n",
            "/sys/class/net/eth1/device/vendor": "",
        ])
        var interfaces = NetworkInterfaces(files: scene.files)
        #expect(interfaces.counted == ["eth0", "eth1"])
        #expect(interfaces.bytes() == 330)
    }

    @Test("a host in a container counts what leaves it, not what its own instances use")
    func container() throws {
        var contents = [
            "/proc/net/dev": Self.table([
                ("lo", 1, 1), ("eth0", 10, 20), ("hud0", 7, 7), ("veth0", 3, 3), ("vxlan0", 2, 2),
                ("ifb0", 0, 0),
            ]),
            "/sys/class/net/veth0/brport/state": "3\n",
            "/sys/class/net/vxlan0/uevent": "DEVTYPE=vxlan\nINTERFACE=vxlan0\n",
            "/sys/class/net/eth0/uevent": "INTERFACE=eth0\nIFINDEX=2\n",
        ]
        let links = [
            ("eth0", 2, 9), ("hud0", 3, 3), ("veth0", 4, 2), ("vxlan0", 5, 2), ("ifb0", 6, 6),
        ]
        for (name, own, other) in links {
            contents["/sys/class/net/\(name)/ifindex"] = "\(own)\n"
            contents["/sys/class/net/\(name)/iflink"] = "\(other)\n"
        }
        let scene = try Scene(contents)
        var interfaces = NetworkInterfaces(files: scene.files)
        #expect(interfaces.counted == ["eth0"])
        #expect(interfaces.bytes() == 30)
        #expect(interfaces.speed() == nil)
    }

    @Test("nothing known about any: all but loopback")
    func unknown() throws {
        let scene = try Scene(["/proc/net/dev": Self.table([("lo", 1, 1), ("tap0", 10, 20)])])
        #expect(NetworkInterfaces(files: scene.files).counted == ["tap0"])
    }

    @Test("an interface that appears is found, and one that becomes a port is dropped in time")
    func changes() throws {
        let scene = try Scene([
            "/proc/net/dev": Self.table([("a", 1, 0)]),
            "/sys/class/net/a/ifindex": "1\n", "/sys/class/net/a/iflink": "9\n",
        ])
        var interfaces = NetworkInterfaces(files: scene.files)
        try scene.write("2\n", to: "/sys/class/net/b/ifindex")
        try scene.write("8\n", to: "/sys/class/net/b/iflink")
        try scene.write(Self.table([("a", 1, 0), ("b", 1, 0)]), to: "/proc/net/dev")
        #expect(interfaces.bytes() == 2)
        try scene.write("3\n", to: "/sys/class/net/b/brport/state")
        for _ in 0..<20 { _ = interfaces.bytes() }
        #expect(interfaces.counted == ["a"])
    }

    @Test("a change of what counts makes no traffic of its own")
    func noJump() throws {
        let scene = try Scene(["/proc/net/dev": Self.table([("a", 1000, 0)])])
        var sampler = HostSampler(files: scene.files)
        _ = sampler.sample(atNanoseconds: 0)
        try scene.write(Self.table([("a", 1000, 0), ("b", 900_000_000, 0)]), to: "/proc/net/dev")
        #expect(sampler.sample(atNanoseconds: 1_000_000_000).network == nil)
        #expect(sampler.sample(atNanoseconds: 2_000_000_000).network == .zero)
    }

    @Test(
        "speed is the sum over interfaces that are up, if each knows its own",
        arguments: [
            (["up", "up"], ["1000", "10000"], 1_375_000_000),
            (["up", "down"], ["1000", "10000"], 125_000_000),
            (["up", "up"], ["1000", "-1"], nil), (["down", "down"], ["1000", "1000"], nil),
        ] as [([String], [String], UInt64?)])
    func speed(states: [String], speeds: [String], expected: UInt64?) throws {
        let scene = try Scene(["/proc/net/dev": Self.table([("eth0", 0, 0), ("eth1", 0, 0)])])
        for index in 0..<2 {
            try scene.write("", to: "/sys/class/net/eth\(index)/device/vendor")
            try scene.write(states[index] + "\n", to: "/sys/class/net/eth\(index)/operstate")
            try scene.write(speeds[index] + "\n", to: "/sys/class/net/eth\(index)/speed")
        }
        #expect(NetworkInterfaces(files: scene.files).speed() == expected)
    }
}
