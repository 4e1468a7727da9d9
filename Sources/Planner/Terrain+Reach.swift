import ClusterModel

extension Terrain {
    /// Whether `instance` could be moved to hosts of `kind`, or started there, were they empty: to
    /// those that are not its home.
    func isOpen(kind: Int, to instance: Int, _ liberty: Liberty) -> Bool {
        let facts = instances[instance]
        let members = rulebook.kinds.members[kind]
        guard let host = members.first(where: { $0 != facts.home }), hosts[host].takes,
            rulebook.misfit(ofWorkload: facts.workload, onKind: kind) == nil
        else { return false }
        guard let home = facts.home else { return true }
        let architecture = hosts[home].host.capacity.architecture
        return hosts[host].host.capacity.architecture == architecture
            && mode(of: instance, from: home, to: host, liberty) != nil
    }
}
