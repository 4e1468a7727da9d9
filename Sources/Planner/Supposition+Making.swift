import ClusterModel

extension Supposition {
    /// Supposes one change; the same as `Supposed.make`, of this host alone.
    mutating func make(_ change: Flip.Change) {
        switch change {
        case .ready(let id):
            if id == place.id { place = place.with(state: .ready) }
            if let host = terrain.host(id) { reporting.insert(host) }
        case .capability(_, let name): enable(name)
        case .label(_, let label): relabel(Labels(place.labels.pairs + [label]))
        case .unlabel(_, let label): relabel(place.labels.without(label))
        case .untaint(_, let label): place = place.with(taints: place.taints.without(label))
        case .room(_, let room):
            for (dimension, kind) in terrain.dimensions.enumerated() {
                ceiling[dimension] = ceiling[dimension].saturatingSum(kind.amount(in: room))
            }
        case .leave(let id, _): if let index = terrain.instance(id) { layout.lift(index, terrain) }
        case .bring(let id, _):
            if let index = terrain.instance(id) { layout.move(index, to: host, terrain) }
        case .settle(let id): if let index = terrain.instance(id) { settled.insert(index) }
        case .run(let id): if let index = terrain.instance(id) { running.insert(index) }
        case .tolerate(let id, let label):
            edit(id) { $0.with(tolerate: Labels($0.tolerate.pairs + [label])) }
        case .dropNeed(let id, let label): edit(id) { $0.with(need: $0.need.without(label)) }
        case .dropAvoid(let id, let label): edit(id) { $0.with(avoid: $0.avoid.without(label)) }
        case .dropApart(let id): edit(id) { $0.with(apart: Labels.none) }
        case .dropSpread(let id): edit(id) { $0.with(spread: .some(nil)) }
        case .allow(let id, let mode):
            for (index, workload) in versions(of: id) {
                preferences[index] = (preferences[index] ?? workload.move).allowing(mode)
            }
        case .smaller(_, let amount):
            for (dimension, kind) in terrain.dimensions.enumerated() {
                demand[dimension] -= min(demand[dimension], kind.amount(in: amount))
            }
        case .ceilingCPU(let share): raise(.cpu, to: share)
        case .ceilingMemory(let share): raise(.memory, to: share)
        case .rest(let rest): self.rest = rest
        case .wait(let until): now = until
        // Judged where the whole cluster is.
        case .reserve, .recovery: break
        }
    }

    /// Of every version of a workload that is judged here: a change of a spec reaches all of its
    /// instances.
    private func versions(of id: WorkloadID) -> [(Int, Workload)] {
        let near = Set(
            (group + layout.occupants[host] + ghosts).map { terrain.instances[$0].workload })
        return near.sorted().map { ($0, terrain.rulebook.workloads[$0]) }.filter { $0.1.name == id }
    }

    private mutating func edit(_ id: WorkloadID, _ change: (Rules) -> Rules) {
        for (index, workload) in versions(of: id) {
            rules[index] = change(rules[index] ?? workload.rules)
        }
    }

    private mutating func enable(_ name: Capability.Name) {
        let own = place.capacity
        place = place.with(
            capacity: Capacity(
                total: own.total, hostReserve: own.hostReserve, architecture: own.architecture,
                features: own.features, kernel: own.kernel, bootID: own.bootID,
                capabilities: own.capabilities.filter { $0.name != name }
                    + [Capability(name, available: true, detail: "")], wakeTime: own.wakeTime))
        isCapable = true
    }

    private mutating func relabel(_ labels: Labels) {
        place = place.with(labels: labels)
        isRelabelled = true
    }

    private mutating func raise(_ kind: Dimension, to share: Share) {
        guard let dimension = terrain.dimensions.firstIndex(of: kind) else { return }
        ceiling[dimension] = terrain.hosts[host].allocatable[dimension].scaled(by: share)
    }
}
