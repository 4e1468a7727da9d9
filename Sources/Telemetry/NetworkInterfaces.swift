import ClusterModel

/// The network interfaces that carry this host's traffic to the outside, each byte counted once.
///
/// A packet of an instance passes a veth or a tap, a bridge, perhaps a VXLAN device, and at last
/// the interface that leaves the host; only that one counts. Interfaces with a device behind them
/// are such. A host that has none, because it is a container itself, leaves through the interfaces
/// whose other end is elsewhere.
package struct NetworkInterfaces: Hashable, Sendable {
    /// Names of the interfaces that count, in ascending order.
    package private(set) var counted: [String] = []
    private let files: KernelFiles
    private var known: [String] = []
    private var age = 0

    /// Readings after which the choice is made anew: an interface becomes a bridge's port after it
    /// appeared.
    private static let longestAge = 10
    private static let table = "/proc/net/dev"
    /// Begins the names of the cluster's network's devices; what they carry leaves by another.
    private static let own = "hud"
    /// Kinds of device that only wrap what another interface carries.
    private static let wrapping: Set = ["bond", "bridge", "geneve", "vlan", "vxlan"]

    /// Chooses among the interfaces there are now.
    package init(files: KernelFiles) {
        self.files = files
        _ = bytes()
    }

    /// Bytes received and sent through `counted` since these appeared; makes the choice anew when
    /// it has to.
    package mutating func bytes() -> UInt64? {
        guard let lines = Self.lines(of: Self.table, files) else { return nil }
        let names = lines.map(\.name)
        if names != known || age >= Self.longestAge {
            counted = choose(names)
            known = names
            age = 0
        }
        age += 1
        return lines.reduce(UInt64(0)) {
            counted.contains($1.name) ? $0.saturatingSum($1.bytes) : $0
        }
    }

    /// Bytes a second that the host can send, or `nil` when an interface in use does not know its
    /// own.
    package func speed() -> UInt64? {
        var sum: UInt64 = 0
        for name in counted where files.word(in: Self.directory(name) + "/operstate") == "up" {
            // The speed of a virtual interface is made up: a veth claims 10 Gbit/s.
            guard isPhysical(name),
                let megabits = files.number(in: Self.directory(name) + "/speed"), megabits > 0
            else { return nil }
            sum = sum.saturatingSum(megabits.saturatingProduct(125_000))
        }
        return sum > 0 ? sum : nil
    }

    /// Bytes received and sent in the network namespace of a process through all interfaces but
    /// loopback.
    package static func bytes(ofProcess process: UInt64, files: KernelFiles) -> UInt64? {
        lines(of: "/proc/\(process)/net/dev", files).map { lines in
            lines.reduce(UInt64(0)) { $1.name == "lo" ? $0 : $0.saturatingSum($1.bytes) }
        }
    }

    private func choose(_ names: [String]) -> [String] {
        let candidates = names.filter { $0 != "lo" && !$0.hasPrefix(Self.own) }.sorted()
        let physical = candidates.filter(isPhysical)
        guard physical.isEmpty else { return physical }
        let leaving = candidates.filter(leaves)
        return leaving.isEmpty ? candidates : leaving
    }

    private func isPhysical(_ name: String) -> Bool {
        files.exists(Self.directory(name) + "/device")
    }

    /// Whether the other end of a virtual interface is outside this network namespace.
    private func leaves(_ name: String) -> Bool {
        let directory = Self.directory(name)
        guard !files.exists(directory + "/brport"),
            let own = files.number(in: directory + "/ifindex"),
            let other = files.number(in: directory + "/iflink"), own != other
        else { return false }
        let kind = files.read(directory + "/uevent") { text in
            text.skip(past: "DEVTYPE=") ? text.word() : nil
        }
        return !Self.wrapping.contains(kind ?? "")
    }

    private struct Line {
        let name: String
        let bytes: UInt64
    }

    /// Received and sent bytes of every interface; they are the first and the ninth figure of a
    /// line.
    private static func lines(of path: String, _ files: KernelFiles) -> [Line]? {
        files.read(path, upTo: KernelFiles.tableSize) { text in
            var lines: [Line] = []
            // The two lines of headings have no colon.
            repeat {
                guard let name = text.part(before: ":"), let received = text.number() else {
                    continue
                }
                text.skip(words: 7)
                guard let sent = text.number() else { continue }
                lines.append(Line(name: name, bytes: received.saturatingSum(sent)))
            } while text.nextLine()
            return lines
        }
    }

    private static func directory(_ name: String) -> String { "/sys/class/net/" + name }
}
