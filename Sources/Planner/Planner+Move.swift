package import ClusterModel

extension Planner {
    /// A plan that moves one instance, with all that must share its host, as a user asked.
    ///
    /// A mode that the user names is used even if the spec does not list it; without one the spec
    /// decides. When `host` is `nil`, the best other host is taken.
    package func move(
        _ instance: InstanceID, to host: HostID?, mode: MoveMode? = nil, in snapshot: Snapshot,
        id: PlanID, seed: UInt64
    ) throws(PlanningFailure) -> Plan {
        let terrain = try terrain(snapshot)
        let subject = try self.instance(instance, in: terrain)
        guard let home = terrain.instances[subject].home else { throw .notPlaced(instance) }
        var liberty = Liberty.urgent
        liberty.mode = mode
        var hosts = terrain.hosts.indices.filter { $0 != home }
        if let host {
            let target = try self.host(host, in: terrain)
            guard target != home else { throw .alreadyThere(instance, host) }
            hosts = [target]
        }
        var layout = Layout(terrain)
        let members = terrain.companions(of: subject)
        let choices = terrain.choices(for: members, among: hosts, in: layout, liberty)
        guard let target = choices.first else {
            throw .refused(instance, refusals(of: subject, on: hosts, in: layout, terrain, liberty))
        }
        for member in members where layout.host(of: member) != target {
            layout.move(member, to: target, terrain)
        }
        var draft = PlanDraft(terrain, liberty)
        guard draft.reach(layout) else {
            throw .refused(instance, refusals(of: subject, on: hosts, in: layout, terrain, liberty))
        }
        if host != nil { draft.ask(only: hosts) }
        for member in members {
            draft.decide(member, draft.change(of: member, because: host == nil ? .fullest : .asked))
        }
        return draft.plan(id: id, reason: .move(instance), policyChanged: changed)
    }

    private func refusals(
        of instance: Int, on hosts: [Int], in layout: Layout, _ terrain: Terrain, _ liberty: Liberty
    ) -> [Rationale.Refusal] {
        hosts.compactMap { host in
            terrain.refusal(ofGroupOf: instance, on: host, in: layout, liberty).map {
                Rationale.Refusal(host: terrain.id(ofHost: host), misfit: $0)
            }
        }
    }
}
