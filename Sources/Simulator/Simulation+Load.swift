import ClusterModel
import ControlCore
import Planner

extension Simulation {
    /// What every instance wants now, and what its host can give.
    mutating func weigh() {
        for id in order {
            guard let machine = machines[id], machine.isPowered else {
                machines[id]?.wanted = 0
                machines[id]?.served = 0
                machines[id]?.crowding = .none
                continue
            }
            let running = machine.driver.copies.filter(\.value.isRunning).keys.sorted()
            var wanted: UInt64 = 0
            for instance in running {
                let demand = demand(of: instance, isSharing: running.count > 1)
                demands[instance] = demand
                wanted += demand
            }
            machines[id]?.wanted = wanted
            machines[id]?.served = min(wanted, machine.capacity.total.cpu.millicores)
            let crowding = crowding(of: running)
            machines[id]?.crowding = crowding
        }
    }

    /// What is wanted of memory bandwidth beyond all there is, as a part of what is wanted.
    private func crowding(of running: [InstanceID]) -> Share {
        let wanted = running.reduce(UInt64(0)) { $0 + UInt64(bandwidth(of: $1).permille) }
        let whole = UInt64(Share.whole.permille)
        guard wanted > whole else { return .none }
        return Share(permille: UInt32((wanted - whole) * whole / wanted))
    }

    private func bandwidth(of instance: InstanceID) -> Share {
        workloadOf[instance].flatMap { workloads[$0]?.bandwidth } ?? .none
    }

    private func demand(of instance: InstanceID, isSharing: Bool) -> UInt64 {
        guard let work = workloadOf[instance].flatMap({ workloads[$0] }) else { return 0 }
        let load = work.own[instance] ?? work.load
        let wanted = load.demand(
            of: instance, reserving: work.workload.size.cpu, at: elapsed, isSharing: isSharing,
            seed: seed)
        // A cap keeps others from harm; what is above it is not the host's to give.
        return min(wanted.millicores, work.workload.limit.cpu?.millicores ?? .max, 1 << 40)
    }

    /// What an agent measures: an instance gets its part of what its host can give.
    mutating func report(_ id: HostID) {
        guard let machine = machines[id], machine.session != nil else { return }
        tell(id, .reporting(at: instant))
        let beat = UInt64(clamping: scenario.pace.beat.milliseconds)
        var memory = Bytes.zero
        var uses: [AgentNews.InstanceUse] = []
        for (instance, copy) in machine.driver.copies.sorted(by: { $0.key < $1.key })
        where copy.isRunning {
            let wanted = demands[instance] ?? 0
            let served =
                machine.wanted > machine.served
                ? UInt64(Double(wanted) * Double(machine.served) / Double(machine.wanted)) : wanted
            let size = workloadOf[instance].flatMap { workloads[$0]?.workload.size } ?? .zero
            memory = memory + size.memory
            let held = wanted > served ? beat * 1000 * (wanted - served) / max(1, wanted) : 0
            let crowded = bandwidth(of: instance) > .none ? machine.crowding : .none
            let throttled = max(held, beat * UInt64(crowded.permille))
            uses.append(
                .init(
                    id: instance,
                    use: Use(
                        at: instant, cpu: .init(of: [served]),
                        memory: .init(of: [size.memory.count]), throttled: throttled),
                    load: copy.kind == .vm ? moveLoad(of: instance) : nil))
        }
        let use = Use(
            at: instant, cpu: .init(of: [machine.served]), memory: .init(of: [memory.count]))
        send(.report(host: use, instances: uses, images: []), from: id)
    }

    // MARK: - Accounts

    /// Adds up what held from the last moment until `next`.
    mutating func account(until next: Int64) {
        let span = next - now
        guard span > 0 else { return }
        let hours = Double(span) / 3_600_000
        let minutes = Double(span) / 60_000
        for id in order {
            guard let machine = machines[id] else { continue }
            if !machine.isReachable, !machine.isAsleep { machines[id]?.awayTime += span }
            if machine.isAsleep {
                let power = machine.facts.power
                ledger.run.totals.kilowattHours +=
                    power.watts(isOn: false, busy: 0) * hours / 1000
            }
            guard machine.isPowered else { continue }
            let capacity = machine.capacity.allocatable.cpu
            let busy = Double(machine.served) / Double(max(1, capacity.millicores))
            let isOn = isOn(machine)
            if isOn {
                machines[id]?.onTime += span
                ledger.run.totals.hostHours += hours
            }
            machines[id]?.servedSum += busy * Double(span)
            ledger.run.totals.kilowattHours +=
                machine.facts.power.watts(isOn: isOn, busy: busy) * hours / 1000
            let wanted = CPU(millicores: machine.wanted)
            if wanted > capacity.scaled(by: scenario.policy.ceilingCPU) {
                ledger.run.totals.ceilingMinutes += minutes
            }
            if wanted > capacity.scaled(by: scenario.policy.hardCPU) {
                ledger.run.totals.hardMinutes += minutes
            }
            if machine.crowding > .none { ledger.run.totals.crowdedMinutes += minutes }
            ledger.run.totals.wantedCoreHours += Double(machine.wanted) / 1000 * hours
            ledger.run.totals.throttledCoreHours +=
                Double(machine.wanted - machine.served) / 1000 * hours
        }
        ledger.run.totals.downMinutes += Double(ledger.standing) * minutes
    }

    /// Ends a sample, and asks how few hosts would have done.
    mutating func closeSample() {
        let span = elapsed - ledger.sampleBegan
        guard span > 0 else { return }
        let bound = bound()
        let hosts = order.map { id -> Run.HostSample in
            guard let machine = machines[id] else {
                return Run.HostSample(state: .away, load: .none, instances: 0)
            }
            let load = machine.servedSum / Double(span) * 1000
            let state: Run.HostSample.State =
                machine.awayTime * 2 > span ? .away : machine.onTime * 2 > span ? .on : .asleep
            return Run.HostSample(
                state: state, load: Share(permille: UInt32(min(load, 100_000))),
                instances: machine.driver.copies.count)
        }
        for id in order {
            machines[id]?.servedSum = 0
            machines[id]?.onTime = 0
            machines[id]?.awayTime = 0
        }
        ledger.close(hosts, bound: bound, at: elapsed)
    }

    /// The planner's lower bound for what is wanted at this moment, were every instance free to go.
    private func bound() -> Int {
        var policy = scenario.policy
        policy.demand = .percentile(rank: .whole, window: .seconds(1), margin: .none)
        policy.rest = .zero
        let picture = engine.snapshot()
        let instances = picture.instances.map { view -> Snapshot.InstanceView in
            var instance = view.instance
            if instance.host != nil { instance.observed = .running }
            instance.movedAt = nil
            let wanted = Use(
                at: picture.takenAt, cpu: .init(of: [demands[view.id] ?? 0]), memory: .zero)
            return Snapshot.InstanceView(
                instance: instance, workload: view.workload, changed: view.changed,
                use: UseSeries([wanted]), reserved: view.reserved)
        }
        let truth = Snapshot(
            revision: picture.revision, takenAt: picture.takenAt, hosts: picture.hosts,
            instances: instances)
        do throws(PlanningFailure) {
            return try Planner(policy: policy, changed: .zero).fewestHosts(in: truth)
        } catch {
            return 0
        }
    }
}
