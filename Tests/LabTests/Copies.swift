/// One copy of an instance that a host really has, by the word of its Podman and its process table.
struct RealCopy: Hashable, Sendable, CustomStringConvertible {
    let host: String
    let kind: String
    let instance: String
    /// `running`, or what else Podman calls it.
    let state: String
    let process: Int
    /// In clock ticks since the machine booted: tells a process from a later one of the same number.
    let startedAt: String

    var description: String {
        "\(instance) (\(kind)) \(state) on \(host), process \(process) of \(startedAt)"
    }
}

enum RealCopies {
    /// Every copy on the hosts that run.
    static func all(on hosts: [String] = Lab.hosts) async throws -> [RealCopy] {
        try await withThrowingTaskGroup { group in
            for host in hosts { group.addTask { try await on(host) } }
            return try await group.reduce(into: []) { $0 += $1 }.sorted { "\($0)" < "\($1)" }
        }
    }

    static func on(_ host: String) async throws -> [RealCopy] {
        try await Lab.inside(host, listing).split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 4, let process = Int(words[3]) else {
                throw Unexpected("not understood of \(host): \(line)")
            }
            return RealCopy(
                host: host, kind: words[0], instance: words[1], state: words[2], process: process,
                startedAt: words.count > 4 ? words[4] : "-")
        }
    }

    /// Kills and removes whatever runs on a host, so that one failed test does not spoil the next.
    static func removeAll(on host: String) async throws {
        try await Lab.inside(
            host,
            """
            podman ps --all --quiet --filter label=io.huddle.instance |
                xargs --no-run-if-empty podman rm --force --time 0 > /dev/null
            pgrep --full '^/usr/bin/qemu-system.* -name ' | xargs --no-run-if-empty kill -KILL
            true
            """)
    }

    /// A virtual machine is a QEMU process with a name; a trial of KVM has none. The start time is the 22nd field of `stat`,
    /// the 20th after the process's name.
    private static let listing = """
        born() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d ' ' -f 20; }
        podman ps --all --filter label=io.huddle.instance \
            --format '{{index .Labels "io.huddle.instance"}} {{.State}} {{.Pid}}' |
            while read -r name state pid; do echo "container $name $state $pid $(born "$pid")"; done
        for pid in $(pgrep --full '^/usr/bin/qemu-system.* -name '); do
            name=$(tr '\\0' '\\n' < "/proc/$pid/cmdline" 2> /dev/null | sed -n '/^-name$/{n;p}')
            [[ -z $name ]] || echo "vm $name running $pid $(born "$pid")"
        done
        """
}
