import ClusterModel

/// Which frames the VXLAN device sends to which host.
struct OverlayEntries: Hashable, Sendable {
    /// Every other host: it gets the frames to all, and those whose place is not known.
    var floods: Set<IPv4Address> = []
    /// Hosts of what is known to be at one, by hardware address.
    var stations: [HardwareAddress: IPv4Address] = [:]

    /// What a host of `map` has to have; an instance that changes hosts, or is at this one, is in none of it.
    init(_ map: NetworkMap, at host: HostID) {
        let own = map.hosts[host]?.underlay
        for (id, end) in map.hosts where id != host && end.underlay != own {
            floods.insert(end.underlay)
            stations[end.address.hardware] = end.underlay
        }
        for entry in map.instances.values {
            guard let other = entry.host, other != host,
                let underlay = map.hosts[other]?.underlay, underlay != own
            else { continue }
            stations[entry.address.hardware] = underlay
        }
    }

    private init() {}

    /// Reads what `bridge fdb show br BRIDGE` prints: the device's entries, and the ports that the bridge itself
    /// learned addresses at.
    ///
    /// - Source: iproute2, bridge/fdb.c: `MAC dev NAME dst ADDRESS self static`,
    ///   `MAC dev NAME [sticky] master BRIDGE [permanent]`.
    static func reading(_ text: String, overlay: String) -> Observed {
        var entries = OverlayEntries()
        var learned: [HardwareAddress: String] = [:]
        var bound: [HardwareAddress: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 4, words[1] == "dev", let address = HardwareAddress(words[0])
            else { continue }
            if words[2] == overlay, words[3] == "dst", let host = IPv4Address(String(words[4])) {
                if address == .all {
                    entries.floods.insert(host)
                } else {
                    entries.stations[address] = host
                }
            } else if words[3...].contains("master"), words.last != "permanent" {
                learned[address] = String(words[2])
                if words[3] == "sticky" { bound[address] = String(words[2]) }
            }
        }
        return Observed(entries: entries, learned: learned, bound: bound)
    }

    /// What is there.
    struct Observed: Hashable, Sendable {
        let entries: OverlayEntries
        /// The port at which the bridge last saw an address.
        let learned: [HardwareAddress: String]
        /// Those of them that stay there whatever comes from elsewhere.
        let bound: [HardwareAddress: String]

        /// Lines that let go of what is no longer meant to stay; it stays where it is until it is heard elsewhere.
        func releases(_ isDue: (HardwareAddress) -> Bool) -> [String] {
            bound.filter { isDue($0.key) }.sorted { $0.key.bits < $1.key.bits }
                .map { OverlayEntries.towards($0.key, $0.value) }
        }
    }

    /// Lines for `bridge -batch` that make these entries of `old`, in an order that loses no frame: new places
    /// replace old ones in one step.
    func lines(from old: OverlayEntries, overlay: String) -> [String] {
        var lines: [String] = []
        for host in floods.subtracting(old.floods).sorted() {
            lines.append(
                "fdb append \(HardwareAddress.all) dev \(overlay) dst \(host) self permanent")
        }
        // Sorted only once they are few.
        let placed = stations.filter { old.stations[$0.key] != $0.value }
        for (address, host) in placed.sorted(by: { $0.key.bits < $1.key.bits }) {
            lines.append("fdb replace \(address) dev \(overlay) dst \(host) self static")
        }
        let gone = old.stations.keys.filter { stations[$0] == nil }
        for address in gone.sorted(by: { $0.bits < $1.bits }) {
            lines.append("fdb del \(address) dev \(overlay) self")
        }
        for host in old.floods.subtracting(floods).sorted() {
            lines.append("fdb del \(HardwareAddress.all) dev \(overlay) dst \(host) self")
        }
        return lines
    }

    /// Lines that make the bridge forget the ports of this host for what is elsewhere now.
    ///
    /// Those whose place was not known before may have been here; the entry ages like a learned one, and a frame
    /// from a port moves it.
    func departures(from old: OverlayEntries, overlay: String) -> [String] {
        stations.keys.filter { old.stations[$0] == nil }.sorted { $0.bits < $1.bits }
            .map { Self.towards($0, overlay) }
    }

    /// The same, for what the bridge was seen to have learned at a port of this host.
    func departures(learned: [HardwareAddress: String], overlay: String) -> [String] {
        learned.filter { $0.value != overlay && stations[$0.key] != nil }.keys
            .sorted { $0.bits < $1.bits }.map { Self.towards($0, overlay) }
    }

    fileprivate static func towards(_ address: HardwareAddress, _ device: String) -> String {
        "fdb replace \(address) dev \(device) master dynamic"
    }
}

extension HardwareAddress {
    /// Stands for every address without an entry of its own.
    fileprivate static let all = HardwareAddress(bits: 0)

    fileprivate init?(_ text: Substring) {
        var bits: UInt64 = 0
        var digits = 0
        for byte in text.utf8 where byte != UInt8(ascii: ":") {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
            bits = bits << 4 | UInt64(digit)
            digits += 1
        }
        guard digits == 12 else { return nil }
        self.init(bits: bits)
    }
}
