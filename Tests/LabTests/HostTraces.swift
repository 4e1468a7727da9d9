/// What an instance has on its host beside its processes: links, namespaces, control groups, files of VMs,
/// checkpoints, and volumes on their way.
///
/// Not what is meant to outlive it, volumes and further disks, nor the agent's note of which decision it last heard.
enum HostTraces {
    /// One line each, with its host first; none where there is no instance.
    static func all(on hosts: [String] = Lab.hosts) async throws -> [String] {
        try await withThrowingTaskGroup { group in
            for host in hosts {
                group.addTask {
                    try await Lab.inside(host, listing).split(separator: "\n").map {
                        "\(host): \($0)"
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted()
        }
    }

    /// The links are those of a host of the lab without instances; the trial of CRIU has a directory of its own.
    private static let listing = """
        ls /sys/class/net | grep --invert-match --extended-regexp '^(lo|eth0|hud0|hudvx0|hudh0p?|erspan0|gre0|gretap0|tunl0|sit0|ip6.*|bonding_masters)$' | sed 's/^/link /'
        ls /run/netns 2> /dev/null | sed 's/^/namespace /'
        find /sys/fs/cgroup -path '*/huddle-vms/*' -type d | sed 's/^/control group /'
        find /var/lib/huddle/agent/vms -mindepth 1 -maxdepth 1 ! -name disks | sed 's/^/files /'
        find /run/huddle/checkpoints /var/lib/huddle/agent/checkpoints -mindepth 1 -maxdepth 1 ! -name trial 2> /dev/null |
            sed 's/^/checkpoint /'
        podman volume ls --quiet | grep '\\.incoming$' | sed 's/^/volume /'
        true
        """
}
