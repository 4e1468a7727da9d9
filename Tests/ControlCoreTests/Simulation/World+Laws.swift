import ClusterModel
import ControlCore
import Simulator

extension World {
    // MARK: - What always holds

    /// Never two running copies of one instance, but of one that is being relocated at both ends of its move; and
    /// never two that answer for its address. What a fenced host runs does not count.
    mutating func checkCopies(of instance: InstanceID) {
        instanceIDs.insert(instance)
        let running = hosts.values.filter {
            !$0.isFenced && $0.driver.copies[instance]?.isRunning == true
        }
        guard running.count > 1 else { return }
        let places = running.map(\.id).sorted()
        let words = places.map(\.rawValue).joined(separator: " and ")
        let heard = running.filter { $0.driver.copies[instance]?.isHeard == true }
        if heard.count > 1 { violation = "\(instance) answers on \(words)" }
        let state = engine?.state ?? store.state
        guard let record = state.move(of: instance), record.move.overlaps, record.phase >= .copy,
            places == [record.move.source, record.move.target].sorted()
        else { return violation = "\(instance) runs on \(words)" }
        overlapped.insert(record.move.id)
    }

    /// Packets for an instance that is being relocated do not go past the copy that answers for its address.
    mutating func checkAddresses() {
        guard let engine else { return }
        for move in engine.decided.moves.values where move.record.move.overlaps {
            let (instance, source, target) = move.record.move.ends
            guard !move.isBetweenHosts else { continue }
            let home = move.isHandedOver ? target : engine.state.instances[instance]?.value.host
            for end in [source, target]
            where end != home && hosts[end]?.isFenced == false
                && hosts[end]?.driver.copies[instance]?.isHeard == true
            {
                violation = "\(instance) answers on \(end), and its packets go to \(home ?? end)"
            }
        }
    }

    mutating func checkAlways() {
        guard violation == nil, steps % 16 == 0 else { return }
        for instance in instanceIDs.sorted() { checkCopies(of: instance) }
        checkAddresses()
    }

    /// What was just stored: generations rise, and no host has more than it can hold.
    mutating func checkStored(_ changes: [Change]) {
        for change in changes {
            checkLoop(change)
            guard case .putInstance(let instance) = change else { continue }
            instanceIDs.insert(instance.id)
            if let known = highest[instance.id], instance.generation < known {
                violation =
                    "\(instance.id) goes back from generation \(known.number) to \(instance.generation.number)"
            }
            highest[instance.id] = instance.generation
        }
        guard let state = engine?.state else { return }
        if chance(8), state != store.state { violation = "what is stored is not what was decided" }
        for host in hosts.values {
            let need = occupants(of: host, state).reduce(Resources.zero) { sum, id in
                let workload = state.instances[id].flatMap {
                    state.workloads[$0.value.workload]?.value
                }
                return sum + (workload?.reservation ?? .zero)
            }
            if let misfit = need.misfit(in: host.capacity.allocatable) {
                violation = "host \(host.id) holds more than it can: \(misfit)"
            }
        }
    }

    /// Instances that are, or will be, or may still be on a host; one that moves counts on both.
    private func occupants(of host: SimulatedHost, _ state: ClusterState) -> Set<InstanceID> {
        let decided = state.instances(on: host.id).filter {
            $0.desired == .running || host.driver.copies[$0.id]?.isRunning == true
        }
        return Set(decided.map(\.id)).union(
            state.movesUnderWay.map(\.move).filter { $0.target == host.id || $0.source == host.id }
                .map(\.instance))
    }

    // MARK: - What holds in the end

    /// What is not as it should be once nothing fails any more; `nil` when all is well.
    mutating func unsettled() -> String? {
        guard let engine else { return "there is no coordinator" }
        let state = engine.state
        if let move = state.movesUnderWay.first {
            return "move \(move.move.id) is in \(move.phase.rawValue)"
        }
        if let plan = state.plans.values.first(where: { $0.state == .running }) {
            return "plan \(plan.plan.id) runs"
        }
        if let plan = state.plans.values.first(where: { $0.release?.stage == .undoing }) {
            return "plan \(plan.plan.id) is not undone"
        }
        if !engine.decided.planning.isEmpty { return "a plan is being made" }
        if hosts.values.contains(where: \.isFenced) { return "a host is fenced" }
        if let asked { return "\(Words.of(asked.request)) was never answered" }
        for (name, workload) in promised.sorted(by: { $0.key < $1.key }) {
            // One that was scaled to nothing goes with its last instance.
            if workload?.count == 0, state.workloads[name] == nil { continue }
            if state.workloads[name]?.value != workload {
                return "workload \(name) is not what was answered"
            }
            guard let workload else { continue }
            for id in workload.instances where state.instances[id] == nil {
                return "\(id) does not exist"
            }
        }
        for instance in state.instances.values.map(\.value).sorted(by: { $0.id < $1.id }) {
            if let problem = problem(of: instance, engine) { return problem }
        }
        for host in hosts.values.sorted(by: { $0.id < $1.id }) {
            for (id, copy) in host.driver.copies.sorted(by: { $0.key < $1.key })
            // What was deleted while its host was silent is an orphan there: shown, not started, not removed.
            where state.instances[id] == nil
                ? copy.isRunning : state.instances[id]?.value.host != host.id
            {
                // An orphan whose name was taken up again is taken over here once there is room.
                if state.instances[id]?.value.host == nil, state.wishes[id] == host.id { continue }
                return "\(id) left something on \(host.id)"
            }
        }
        return nil
    }

    private func problem(of instance: Instance, _ engine: ClusterEngine) -> String? {
        if isRanked, instance.desired == .stopped {
            guard engine.observations.observed(instance) == .stopped else {
                return "\(instance.id) gave way and has not stopped"
            }
            return engine.decided.pending[instance.id] == nil
                ? "\(instance.id) gave way, and nobody knows why it waits" : nil
        }
        guard instance.desired == .running else { return "\(instance.id) is still going" }
        guard let host = instance.host else {
            return engine.decided.pending[instance.id] == nil
                ? "\(instance.id) waits, and nobody knows why" : nil
        }
        guard let copy = hosts[host]?.driver.copies[instance.id], copy.isRunning else {
            return "\(instance.id) does not run on \(host)"
        }
        guard copy.isHeard else { return "\(instance.id) is out of reach on \(host)" }
        let observed = engine.observations.observed(instance)
        guard observed == .running else { return "\(instance.id) runs and is \(observed)" }
        guard !engine.state.outdated.contains(instance.id) else {
            return "\(instance.id) is outdated"
        }
        let held = hosts[host]?.agent?.instances[instance.id]?.holding.assigned
        guard
            held?.generation == instance.generation
                || held?.workload == engine.state.workloads[instance.workload]?.value
        else { return "\(instance.id) runs by another spec" }
        return nil
    }
}

extension Move {
    fileprivate var ends: (instance: InstanceID, source: HostID, target: HostID) {
        (instance, source, target)
    }
}
