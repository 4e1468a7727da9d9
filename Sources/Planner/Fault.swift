import ClusterModel

/// A rule that is broken where instances are.
enum Fault: Hashable {
    /// A host's driver, taints or labels refuse an instance that is there.
    case misplaced(Int)
    /// Two that must not share a host do.
    case apart(Int, Int)
    /// Members of a group are on several hosts.
    case split(group: Int)
    /// A failure domain holds more than its share.
    case crowded(spread: Int, domain: Int)
    /// More is on a host than it has.
    case over(host: Int)
    /// More comes to a host than may.
    case full(host: Int)
}

extension Terrain {
    /// Everything that is broken in `state`, in a fixed order.
    ///
    /// A host above its ceiling is not broken as long as it has what its instances count for; to
    /// bring one to such a host is.
    func faults(in state: Repair.State) -> [Fault] {
        let layout = state.layout
        let placed = instances.indices.filter { layout.host(of: $0) != nil }
        var found = placed.filter { instance in
            layout.host(of: instance).map {
                rulebook.misfit(ofWorkload: instances[instance].workload, on: $0) != nil
            } ?? false
        }.map(Fault.misplaced)
        found += conflicts(in: layout)
        found += groups.indices.filter { group in
            groups[group].count > 1
                && Set(groups[group].compactMap { layout.host(of: $0) }).count > 1
        }.map { .split(group: $0) }
        for (index, spread) in rulebook.spreads.enumerated() {
            for domain in spread.values.indices
            where layout.instances(of: index, in: domain) > spread.share {
                found.append(.crowded(spread: index, domain: domain))
            }
        }
        let reached = Set(state.moved.compactMap { layout.host(of: $0) })
        for host in hosts.indices {
            let isReached = reached.contains(host)
            let limit = isReached ? hosts[host].ceiling : hosts[host].allocatable
            let isOver = dimensions.indices.contains {
                counted($0, on: host, in: layout) > UInt128(limit[$0])
            }
            if isOver { found.append(isReached ? .full(host: host) : .over(host: host)) }
        }
        return found
    }

    private func conflicts(in layout: Layout) -> [Fault] {
        var found: [Fault] = []
        for host in hosts.indices {
            let there = Set(layout.occupants[host]).union(ghosts[host]).sorted()
            for one in layout.occupants[host].sorted() {
                let conflicts = rulebook.conflicts[instances[one].workload]
                guard !conflicts.isEmpty else { continue }
                for other in there
                where other != one && conflicts.contains(instances[other].workload) {
                    let fault = Fault.apart(min(one, other), max(one, other))
                    if !found.contains(fault) { found.append(fault) }
                }
            }
        }
        return found
    }

    /// Instances one of which has to move for `fault` to be gone.
    func culprits(of fault: Fault, in layout: Layout) -> [Int] {
        switch fault {
        case .misplaced(let instance): return [instance]
        case .apart(let one, let other): return [one, other]
        case .split(let group):
            // Any two that are not on one host.
            let placed = groups[group].filter { layout.host(of: $0) != nil }
            guard let first = placed.first,
                let second = placed.first(where: {
                    layout.host(of: $0) != layout.host(of: first)
                })
            else { return [] }
            return [first, second]
        case .crowded(let spread, let domain):
            let domainOf = rulebook.spreads[spread].domainOf
            return instances.indices.filter { instance in
                rulebook.spreadOf[instances[instance].workload] == spread
                    && layout.host(of: instance).map { domainOf[$0] == domain } ?? false
            }
        case .over(let host), .full(let host): return layout.occupants[host].sorted()
        }
    }

    /// Whether a fault that was there before is one that a move of `state` has made.
    func isWorse(_ fault: Fault, in state: Repair.State) -> Bool {
        switch fault {
        case .misplaced, .over: return false
        case .split(let group):
            return groups[group].contains { member in
                state.moved.contains(member)
                    && groups[group].contains {
                        instances[$0].home == instances[member].home
                            && state.layout.host(of: $0) != state.layout.host(of: member)
                    }
            }
        case .full: return true
        case .apart(let one, let other):
            return state.moved.contains(one) || state.moved.contains(other)
        case .crowded(let spread, let domain):
            let domainOf = rulebook.spreads[spread].domainOf
            return culprits(of: fault, in: state.layout).contains { instance in
                state.moved.contains(instance)
                    && instances[instance].home.map { domainOf[$0] != domain } ?? true
            }
        }
    }

    /// Hosts to which `instance` may move as far as it and the two hosts are concerned.
    func targets(of instance: Int, _ liberty: Liberty) -> [Int] {
        let facts = instances[instance]
        guard let home = facts.home, facts.hold == nil,
            !liberty.rests || rest(of: instance) == nil
        else { return [] }
        let needed = hosts[home].host.capacity.architecture
        return hosts.indices.filter { host in
            host != home && hosts[host].takes
                && (!liberty.rests || undone(instance, on: host) == nil)
                && hosts[host].host.capacity.architecture == needed
                && rulebook.misfit(ofWorkload: facts.workload, on: host) == nil
                && mode(of: instance, from: home, to: host, liberty) != nil
        }
    }

    /// What `fault` says of `instance`, in the words of a refusal.
    func misfit(of fault: Fault, for instance: Int, in layout: Layout) -> Misfit? {
        switch fault {
        case .misplaced(let one):
            return layout.host(of: one).flatMap {
                rulebook.misfit(ofWorkload: instances[one].workload, on: $0)
            }
        case .apart(let one, let other): return .apart(from: id(of: one == instance ? other : one))
        case .split(let group):
            let place = layout.host(of: instance)
            return groups[group].first {
                layout.host(of: $0) != nil && layout.host(of: $0) != place
            }.map { .together(with: id(of: $0)) }
        case .crowded(let spread, let domain):
            let rule = rulebook.spreads[spread]
            return .spread(domain: rule.label(domain), over: rule.share)
        case .over(let host), .full(let host):
            for (dimension, kind) in dimensions.enumerated() {
                let (load, room) = (
                    counted(dimension, on: host, in: layout),
                    UInt128(hosts[host].allocatable[dimension])
                )
                if load > room { return kind.misfit(short: UInt64(clamping: load - room)) }
            }
            return nil
        }
    }
}
