package import ClusterModel

extension ClusterEngine {
    // MARK: - Addresses

    /// An address that nobody has; `nil` when the network is full.
    ///
    /// The lowest: an address that comes back soon does no harm, because the hardware address follows from it.
    func freeAddress() -> IPv4Address? {
        var taken: Set<UInt32> = []
        for record in state.instances.values {
            record.value.address.map { _ = taken.insert($0.bits) }
        }
        for record in state.hosts.values { record.value.address.map { _ = taken.insert($0.bits) } }
        return network.assignable.first { !taken.contains($0) }.map { IPv4Address(bits: $0) }
    }

    /// Gives a host an address of its own on the cluster's network.
    mutating func giveAddress(to host: HostID) {
        guard var record = state.hosts[host]?.value, record.address == nil else { return }
        record.address = freeAddress()
        guard record.address != nil else {
            return occurred(.cluster, "the network \(network) has no address left", .failure)
        }
        change(.putHost(record))
    }

    // MARK: - What hosts know of the network

    /// The network as it is to be: every host with both its addresses, and every instance that has a host.
    package func networkMap() -> NetworkMap {
        var map = NetworkMap(network: network)
        for (id, record) in state.hosts {
            map.hosts[id] = end(of: record.value)
        }
        let between = Set(
            decided.moves.values.filter(\.isBetweenHosts).map(\.record.move.instance))
        let handedOver = Dictionary(
            decided.moves.values.filter(\.isHandedOver).map(\.record.move)
                .map { ($0.instance, $0.target) }, uniquingKeysWith: { first, _ in first })
        for (id, record) in state.instances {
            let instance = record.value
            guard let address = instance.address, let host = instance.host,
                let workload = state.workloads[instance.workload]?.value
            else { continue }
            map.instances[id] = NetworkMap.Entry(
                address: address, host: between.contains(id) ? nil : handedOver[id] ?? host,
                ports: workload.program.ports)
        }
        return map
    }

    /// A host's part of the network; `nil` while it has none.
    private func end(of host: HostRecord) -> NetworkMap.HostEnd? {
        guard host.standing != .fenced, let address = host.address,
            let said = observations.hosts[host.id]?.address, let underlay = Self.underlay(said)
        else { return nil }
        return NetworkMap.HostEnd(underlay: underlay, address: address)
    }

    /// The numeric address in `192.0.2.11:7441`; `nil` where a name stands or nothing.
    private static func underlay(_ address: String) -> IPv4Address? {
        address.split(separator: ":").first.flatMap { IPv4Address(String($0)) }
    }

    /// Tells one host all of it.
    mutating func tellNetwork(to host: HostID) {
        effect(.instruct(host, .network(NetworkNews(complete: networkMap()))))
    }

    /// Tells every host what `event` changed; reports and ticks that decided nothing change nothing.
    mutating func tellNetwork(after event: ClusterEvent) {
        switch event {
        case .connected: break
        case .request, .disconnected, .said, .planned, .audited, .powered, .tick:
            guard !decision.changes.isEmpty else { return }
        }
        tellNetworkChanges()
    }

    /// Tells every host what differs from what it was told.
    mutating func tellNetworkChanges() {
        let map = networkMap()
        defer { observations.toldNetwork = map }
        guard let told = observations.toldNetwork, let news = NetworkNews(from: told, to: map)
        else {
            return
        }
        for host in state.hosts.keys.sorted() where observations.hosts[host]?.session != nil {
            effect(.instruct(host, .network(news)))
        }
    }
}
