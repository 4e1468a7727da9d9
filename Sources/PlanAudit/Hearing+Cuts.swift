import ClusterModel

extension Hearing {
    /// Hosts that some reachable cut fills above what they may hold.
    ///
    /// That is the ceiling; a host that is above it from the start may stay as it is and get no
    /// worse.
    func roomViolations() -> [Violation] {
        let ceilings = snapshot.hosts.map { policy.ceiling(of: $0.host.capacity.allocatable) }
        let all = ceilings + demands
        let kinds = Amount.kinds(in: all)
        var found: [Violation] = []
        for (host, stays) in staysOfHosts.enumerated()
        where stays.contains(where: { $0.from != nil }) {
            var worst: [UInt64] = []
            var allowed: [UInt64] = []
            for kind in kinds {
                let cut = WorstCut(stays) { kind.of(demands[$0.instance]) }
                worst.append(UInt64(clamping: cut.most(precedence)))
                allowed.append(max(kind.of(ceilings[host]), UInt64(clamping: cut.start)))
            }
            let load = Amount.resources(worst, in: all)
            if let misfit = load.misfit(in: Amount.resources(allowed, in: all)) {
                found.append(.overcommitted(snapshot.hosts[host].id, misfit))
            }
        }
        return found
    }

    /// Instances that must not meet and can.
    ///
    /// Two stays on a host can overlap unless one has to be over before the other begins; that is
    /// exact, because the cut in which just the predecessors of both arrivals are done is
    /// reachable. Two that are together from the start may stay so or meet there again: that is no
    /// worse.
    func apartViolations() -> [Violation] {
        var found: [Violation] = []
        for (host, stays) in staysOfHosts.enumerated()
        where stays.contains(where: { $0.from != nil }) {
            let ordered = stays.sorted {
                ($0.instance, $0.from ?? -1) < ($1.instance, $1.from ?? -1)
            }
            let wary = ordered.filter { !workload($0.instance).rules.apart.pairs.isEmpty }
            let initial = Set(stays.filter { $0.from == nil }.map(\.instance))
            var pairs = Set<[Int]>()
            for one in wary {
                for other in ordered where one.instance != other.instance {
                    guard !(initial.contains(one.instance) && initial.contains(other.instance)),
                        workload(other.instance).labels.matches(workload(one.instance).rules.apart),
                        !precedence.isDone(one.until, beforeStartOf: other.from),
                        !precedence.isDone(other.until, beforeStartOf: one.from)
                    else { continue }
                    pairs.insert([one.instance, other.instance].sorted())
                }
            }
            for pair in pairs.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                found.append(
                    .apart(
                        snapshot.hosts[host].id, snapshot.instances[pair[0]].id,
                        snapshot.instances[pair[1]].id))
            }
        }
        return found
    }

    /// Failure domains that some reachable cut gives more than their share, and more than they have
    /// now.
    func spreadViolations() -> [Violation] {
        var found: [Violation] = []
        var judged = Set<WorkloadID>()
        for view in snapshot.instances {
            guard let key = view.workload.rules.spread, judged.insert(view.workload.name).inserted
            else { continue }
            let domains = snapshot.hosts.map { $0.host.labels[key] ?? "" }
            let values = Set(domains).sorted()
            let (quotient, rest) = max(1, view.workload.count)
                .quotientAndRemainder(dividingBy: max(1, values.count))
            let share = quotient + (rest > 0 ? 1 : 0)
            for value in values {
                let cut = WorstCut(visits(of: view.workload.name, to: value, domains)) { _ in 1 }
                let most = cut.most(precedence)
                guard most > cut.start, most > UInt128(share) else { continue }
                found.append(
                    .spread(
                        view.workload.name, Label(name: key, value: value),
                        count: Int(clamping: most),
                        share: share))
            }
        }
        return found
    }

    /// Stays in a failure domain; hosts of one domain that follow each other are one stay.
    private func visits(of workload: WorkloadID, to domain: String, _ domains: [String]) -> [Stay] {
        var visits: [Stay] = []
        for (instance, stays) in itinerary.stays.enumerated()
        where self.workload(instance).name == workload {
            var open: Stay?
            for stay in stays {
                let isInside = domains[stay.host] == domain
                if isInside, open == nil { open = stay }
                if isInside { open?.until = stay.until }
                if !isInside, let visit = open {
                    visits.append(visit)
                    open = nil
                }
            }
            if let visit = open { visits.append(visit) }
            let isGhost = itinerary.ghosts.contains {
                $0.instance == instance && domains[$0.host] == domain
            }
            let isThere = itinerary.start(of: instance).map { domains[$0] == domain } ?? false
            if isGhost, !isThere {
                visits.append(Stay(instance: instance, host: 0, from: nil, until: nil))
            }
        }
        return visits
    }

    /// Budgets that some reachable cut exceeds.
    func budgetViolations() -> [Violation] {
        var moves: [Int] = []
        var ofHost: [HostID: [Int]] = [:]
        for (position, step) in plan.steps.enumerated() {
            guard case .move(_, let source, let target, _) = step.action else { continue }
            moves.append(position)
            for host in Set([source, target]) { ofHost[host, default: []].append(position) }
        }
        var found: [Violation] = []
        let count = most(moves, allowed: policy.movesPerCluster)
        if count > policy.movesPerCluster {
            found.append(.movesPerCluster(count: count, allowed: policy.movesPerCluster))
        }
        for (host, moves) in ofHost.sorted(by: { $0.key < $1.key }) {
            let count = most(moves, allowed: policy.movesPerHost)
            if count > policy.movesPerHost {
                found.append(.movesPerHost(host, count: count, allowed: policy.movesPerHost))
            }
        }
        return found + domainBudgetViolations()
    }

    private func domainBudgetViolations() -> [Violation] {
        guard let budget = policy.movesPerDomain else { return [] }
        var moves: [String: [Int]] = [:]
        for (position, step) in plan.steps.enumerated() {
            guard case .move(_, let source, let target, _) = step.action else { continue }
            let ends = [source, target].compactMap { snapshot.host($0)?.host.labels[budget.label] }
            for domain in Set(ends) { moves[domain, default: []].append(position) }
        }
        return moves.sorted { $0.key < $1.key }.compactMap { domain, moves in
            let count = most(moves, allowed: budget.moves)
            guard count > budget.moves else { return nil }
            return .movesPerDomain(
                Label(name: budget.label, value: domain), count: count, allowed: budget.moves)
        }
    }

    private func most(_ moves: [Int], allowed: Int) -> Int {
        moves.count <= allowed ? moves.count : precedence.mostAtOnce(moves)
    }
}
