/// The one network that all instances of a cluster share, wherever they run.
package struct ClusterNetwork: Hashable, Sendable {
    /// Lowest address of the network.
    package let base: IPv4Address
    /// Leading bits that all its addresses share.
    package let prefix: Int

    /// A range of private addresses with room for 65 000 instances and hosts.
    package static let standard = ClusterNetwork(
        uncheckedBase: IPv4Address(bits: 10 << 24 | 99 << 16), prefix: 16)

    /// From 14 instances and hosts to sixteen million.
    package static let prefixes = 8...28

    /// Reads `10.99.0.0/16`.
    package init(parsing text: String) throws(InvalidValue) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = IPv4Address(String(parts[0])),
            let prefix = Int(parts[1]), Self.prefixes.contains(prefix)
        else {
            throw InvalidValue(
                "network", "'\(text)' is not a network",
                suggestion: "an address and a prefix from 8 to 28, such as \(Self.standard)")
        }
        self.init(uncheckedBase: base, prefix: prefix)
        guard base.bits & mask == base.bits else {
            throw InvalidValue(
                "network", "\(base) is not the lowest address of a /\(prefix)",
                suggestion: "\(IPv4Address(bits: base.bits & mask))/\(prefix)")
        }
    }

    /// The network of `prefix` leading bits that `address` is in; `nil` for a prefix that is not allowed.
    package init?(of address: IPv4Address, prefix: Int) {
        guard Self.prefixes.contains(prefix) else { return nil }
        self.init(
            uncheckedBase: IPv4Address(bits: address.bits & ~0 << UInt32(32 - prefix)),
            prefix: prefix)
    }

    private init(uncheckedBase: IPv4Address, prefix: Int) {
        base = uncheckedBase
        self.prefix = prefix
    }

    package var mask: UInt32 { ~0 << UInt32(32 - prefix) }

    /// The gateway of every instance: the same address on every host, answered by the host the
    /// instance is on.
    package var gateway: IPv4Address { IPv4Address(bits: base.bits + 1) }

    /// Every address that may be handed out: all but the network's own, the gateway and the last.
    package var assignable: ClosedRange<UInt32> { base.bits + 2...(base.bits | ~mask) - 1 }

    package func contains(_ address: IPv4Address) -> Bool { address.bits & mask == base.bits }
}

extension ClusterNetwork: CustomStringConvertible {
    package var description: String { "\(base)/\(prefix)" }
}

/// What one host has to know of the cluster's network: who else is on it, and where each instance is.
package struct NetworkMap: Hashable, Sendable {
    package var network: ClusterNetwork
    /// Every host with an address of its own, the reader's included.
    package var hosts: [HostID: HostEnd]
    package var instances: [InstanceID: Entry]

    /// A host's two addresses.
    package struct HostEnd: Hashable, Sendable {
        /// Where its packets of the cluster's network are sent to, between hosts: a numeric address.
        package let underlay: IPv4Address
        /// Its own address on the cluster's network.
        package let address: IPv4Address

        package init(underlay: IPv4Address, address: IPv4Address) {
            self.underlay = underlay
            self.address = address
        }
    }

    /// Where an instance is reached.
    package struct Entry: Hashable, Sendable {
        package let address: IPv4Address
        /// The host that has it; `nil` while it changes hosts, when its packets go to all of them.
        package let host: HostID?
        /// Ports of every host that lead to it.
        package let ports: [Program.Port]

        package init(address: IPv4Address, host: HostID?, ports: [Program.Port] = []) {
            self.address = address
            self.host = host
            self.ports = ports
        }
    }

    package init(
        network: ClusterNetwork = .standard, hosts: [HostID: HostEnd] = [:],
        instances: [InstanceID: Entry] = [:]
    ) {
        self.network = network
        self.hosts = hosts
        self.instances = instances
    }
}
