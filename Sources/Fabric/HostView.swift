package import ClusterModel
package import Ports

/// What one host has to have of a map, and the text for the tools that make it so; nothing here touches the host.
package struct HostView: Hashable, Sendable {
    let network: ClusterNetwork
    let own: NetworkMap.HostEnd
    let settings: FabricSettings
    let overlay: OverlayEntries
    /// What is at this host, by hardware address.
    let residents: Set<HardwareAddress>
    let rules: ForwardingRules

    package init(
        _ map: NetworkMap, at host: HostID, settings: FabricSettings = FabricSettings()
    ) throws(NetworkFailure) {
        guard let own = map.hosts[host] else {
            throw NetworkFailure("the network's map does not have this host, \(host)")
        }
        network = map.network
        self.own = own
        self.settings = settings
        overlay = OverlayEntries(map, at: host)
        residents = Set(
            map.instances.values.lazy.filter { $0.host == host }.map(\.address.hardware))
        rules = ForwardingRules(map, settings: settings)
    }

    /// Everything but the entries of the overlay.
    package struct Arrangement: Hashable, Sendable {
        /// Input for `nft`, for the start: rules name devices by words, so no frame ever crosses without them.
        package let rules: String
        /// Lines for `ip -batch`; none when all is as it should be.
        package let links: [String]
        let end: HostEndLinks
    }

    /// - Parameter devices: what `ip -o -d link show` and `ip -o -4 addr show` print.
    package func arrangement(devices: String) throws(NetworkFailure) -> Arrangement {
        let links = Links(devices)
        guard let path = links.device(with: own.underlay)?.largestPacketOutside else {
            throw NetworkFailure(
                "no device of this host has the address \(own.underlay)",
                cause: "its packets of the cluster's network are sent there")
        }
        let end = HostEndLinks(
            network: network, own: own, largestPacket: path - FabricSettings.overhead,
            settings: settings)
        var ports: [Port] = []
        var broken: [String] = []
        for link in links.ports {
            if let port = Port(name: link.name), link.mark.map(Port.isMark) == true {
                ports.append(port)
            } else {
                // Without our mark it was left by an attachment that broke off.
                broken.append(link.name)
            }
        }
        return Arrangement(
            rules: Ruleset(end: end, rules: rules, ports: ports).text,
            links: broken.map { "link del \($0)" } + end.lines(from: links), end: end)
    }

    /// Lines for `bridge -batch`.
    ///
    /// - Parameter entries: what `bridge fdb show br BRIDGE` prints.
    package func entries(observed entries: String) -> [String] {
        let observed = OverlayEntries.reading(entries, overlay: settings.overlay)
        return overlay.lines(from: observed.entries, overlay: settings.overlay)
            + observed.releases { !residents.contains($0) }
            + overlay.departures(learned: observed.learned, overlay: settings.overlay)
    }

    /// Lines for `bridge -batch` that let go of what left; what has just come stays bound, though the map has it nowhere yet.
    package func releases(
        observed entries: String, of left: Set<HardwareAddress>
    ) -> [String] {
        OverlayEntries.reading(entries, overlay: settings.overlay).releases { left.contains($0) }
    }

    /// What makes this of an older view.
    package struct Changes: Hashable, Sendable {
        /// Lines for `bridge -batch`.
        package let entries: [String]
        /// Input for `nft`.
        package let rules: String
        /// What left this host, or is about to: its entry may be one that stays, until it is released.
        package let left: Set<HardwareAddress>

        package init(
            entries: [String], rules: String, left: Set<HardwareAddress> = []
        ) {
            self.entries = entries
            self.rules = rules
            self.left = left
        }
    }

    /// `nil` where more than entries and ports differ.
    package func changes(from old: HostView) -> Changes? {
        guard old.network == network, old.own == own, old.settings == settings else { return nil }
        return Changes(
            entries: overlay.lines(from: old.overlay, overlay: settings.overlay)
                + overlay.departures(from: old.overlay, overlay: settings.overlay),
            rules: rules.changes(from: old.rules),
            left: old.residents.subtracting(residents))
    }
}
