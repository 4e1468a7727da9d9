/// What one host is told of the cluster's network.
package struct NetworkNews: Hashable, Sendable {
    /// What is new; all there is where it is complete.
    package let map: NetworkMap
    package let goneHosts: [HostID]
    package let goneInstances: [InstanceID]
    /// Whether what is not named is not there.
    package let complete: Bool

    /// Everything.
    package init(complete map: NetworkMap) {
        self.init(map: map, goneHosts: [], goneInstances: [], complete: true)
    }

    package init(
        map: NetworkMap, goneHosts: [HostID], goneInstances: [InstanceID], complete: Bool
    ) {
        self.map = map
        self.goneHosts = goneHosts
        self.goneInstances = goneInstances
        self.complete = complete
    }

    /// What makes `before` into `after`; `nil` when nothing does.
    package init?(from before: NetworkMap, to after: NetworkMap) {
        guard before != after else { return nil }
        let hosts = after.hosts.filter { before.hosts[$0.key] != $0.value }
        let instances = after.instances.filter { before.instances[$0.key] != $0.value }
        self.init(
            map: NetworkMap(network: after.network, hosts: hosts, instances: instances),
            goneHosts: before.hosts.keys.filter { after.hosts[$0] == nil }.sorted(),
            goneInstances: before.instances.keys.filter { after.instances[$0] == nil }.sorted(),
            complete: false)
    }

    /// `map` as it is once this was heard.
    package func applied(to map: NetworkMap) -> NetworkMap {
        guard !complete else { return self.map }
        var next = map
        next.network = self.map.network
        for host in goneHosts { next.hosts[host] = nil }
        for instance in goneInstances { next.instances[instance] = nil }
        next.hosts.merge(self.map.hosts) { $1 }
        next.instances.merge(self.map.instances) { $1 }
        return next
    }
}
