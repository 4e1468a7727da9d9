import ClusterModel

extension PackSearch {
    /// Those of `layouts` whose moves pay for themselves in time, the largest gain first.
    ///
    /// The gain is what the freed hosts save within the policy's `payback`, less what the moves
    /// cost. A host that costs more to empty than it saves is not emptied in the shadow of others.
    func paying(_ layouts: [Layout]) -> [Layout] {
        let before = start.occupiedHosts(terrain)
        let saving = MoveCost.saving(within: terrain.policy.payback)
        var found: [(gain: UInt64, layout: Layout)] = []
        for layout in layouts {
            let trimmed = trimmed(layout, saving)
            let freed = UInt64(max(0, before - trimmed.occupiedHosts(terrain)))
            let (product, overflow) = saving.multipliedReportingOverflow(by: freed)
            let saved = overflow ? .max : product
            let cost = terrain.cost(of: trimmed, liberty)
            if saved > cost { found.append((saved - cost, trimmed)) }
        }
        // Equal gains keep the order of the search.
        return found.enumerated().sorted {
            ($1.element.gain, $0.offset) < ($0.element.gain, $1.offset)
        }.map(\.element.layout)
    }

    /// `layout` with everything home again that left a host at a higher cost than its `saving`.
    private func trimmed(_ layout: Layout, _ saving: UInt64) -> Layout {
        var staying = liberty
        staying.rests = false
        var trimmed = layout
        for host in terrain.hosts.indices
        where start.isOccupied(host, terrain) && !layout.isOccupied(host, terrain) {
            let gone = units(on: host, in: start)
            let cost = gone.flatMap { units[$0].members }.reduce(UInt64(0)) { sum, member in
                sum.saturatingSum(terrain.cost(of: member, to: layout.host(of: member), liberty))
            }
            guard cost > saving else { continue }
            var trial = trimmed
            let areBack = gone.allSatisfy { index in
                let members = units[index].members
                guard terrain.refusal(of: members, on: host, in: trial, staying) == nil else {
                    return false
                }
                move(units[index], to: host, in: &trial)
                return true
            }
            if areBack, shortOfReserve(trial) == nil { trimmed = trial }
        }
        return trimmed
    }
}
