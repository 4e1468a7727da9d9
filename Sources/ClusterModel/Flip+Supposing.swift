/// A cluster in which something is supposed to be otherwise, and all else is as it is.
package struct Supposed: Hashable, Sendable {
    package private(set) var snapshot: Snapshot
    package private(set) var policy: Policy

    package init(_ snapshot: Snapshot, _ policy: Policy) {
        self.snapshot = snapshot
        self.policy = policy
    }

    package mutating func make(_ changes: [Flip.Change]) {
        for change in changes { make(change) }
    }

    /// Makes one change; what the cluster does not have is not changed.
    package mutating func make(_ change: Flip.Change) {
        switch change {
        case .ready(let id): edit(id) { $0.with(state: .ready) }
        case .capability(let id, let name):
            edit(id) {
                $0.with(capacity: $0.capacity.with(Capability(name, available: true, detail: "")))
            }
        case .label(let id, let label):
            edit(id) { $0.with(labels: Labels($0.labels.pairs + [label])) }
        case .unlabel(let id, let label): edit(id) { $0.with(labels: $0.labels.without(label)) }
        case .untaint(let id, let label): edit(id) { $0.with(taints: $0.taints.without(label)) }
        case .room(let id, let room):
            let policy = policy
            edit(id) { $0.with(capacity: $0.capacity.with(room: room, under: policy)) }
        case .leave(let id, _):
            edit(id) {
                $0.with {
                    $0.host = nil
                    $0.desired = .stopped
                    $0.observed = .stopped
                }
            }
        case .bring(let id, let host): edit(id) { $0.with { $0.host = host } }
        case .settle(let id):
            rebuild(reservations: snapshot.reservations.filter { $0.instance != id })
        case .run(let id):
            edit(id) {
                $0.with {
                    $0.desired = .running
                    $0.observed = .running
                }
            }
        case .tolerate(let id, let label):
            edit(id) { $0.with(tolerate: Labels($0.tolerate.pairs + [label])) }
        case .dropNeed(let id, let label): edit(id) { $0.with(need: $0.need.without(label)) }
        case .dropAvoid(let id, let label): edit(id) { $0.with(avoid: $0.avoid.without(label)) }
        case .dropApart(let id): edit(id) { $0.with(apart: Labels.none) }
        case .dropSpread(let id): edit(id) { $0.with(spread: .some(nil)) }
        case .allow(let id, let mode): allow(id, mode)
        case .smaller(let id, let amount):
            let (snapshot, rule) = (snapshot, policy.demand)
            edit(id) { view in
                Snapshot.InstanceView(
                    instance: view.instance, workload: view.workload, changed: view.changed,
                    reserved: snapshot.demand(of: view, under: rule).reduced(by: amount),
                    undone: view.undone, load: view.load)
            }
        case .ceilingCPU(let share): policy.ceilingCPU = share
        case .ceilingMemory(let share): policy.ceilingMemory = share
        case .rest(let rest): policy.rest = rest
        case .reserve(let hosts): policy.reserve = .hosts(hosts)
        case .recovery(let id, let time): recover(id, within: time)
        case .wait(let until): wait(until)
        }
    }

    // MARK: Editing

    private mutating func rebuild(
        takenAt: Instant? = nil, hosts: [Snapshot.HostView]? = nil,
        instances: [Snapshot.InstanceView]? = nil, reservations: [Snapshot.Reservation]? = nil,
        links: MoveLinks? = nil
    ) {
        snapshot = Snapshot(
            revision: snapshot.revision, takenAt: takenAt ?? snapshot.takenAt,
            hosts: hosts ?? snapshot.hosts, instances: instances ?? snapshot.instances,
            reservations: reservations ?? snapshot.reservations,
            links: links ?? snapshot.links, refusals: snapshot.refusals)
    }

    private mutating func edit(_ id: HostID, _ change: (Host) -> Host) {
        rebuild(
            hosts: snapshot.hosts.map { view in
                guard view.id == id else { return view }
                return Snapshot.HostView(
                    host: change(view.host), changed: view.changed, use: view.use,
                    images: view.images)
            })
    }

    private mutating func edit(
        _ id: InstanceID, _ change: (Snapshot.InstanceView) -> Snapshot.InstanceView
    ) {
        rebuild(instances: snapshot.instances.map { $0.id == id ? change($0) : $0 })
    }

    private mutating func edit(_ id: WorkloadID, _ change: (Rules) -> Rules) {
        rebuild(
            instances: snapshot.instances.map { view in
                guard view.workload.name == id else { return view }
                return view.with(view.workload.with(rules: change(view.workload.rules)))
            })
    }

    private mutating func allow(_ id: WorkloadID, _ mode: MoveMode) {
        rebuild(
            instances: snapshot.instances.map { view in
                guard view.workload.name == id else { return view }
                return view.with(
                    view.workload.with(move: view.workload.move.allowing(mode)))
            })
    }

    private mutating func recover(_ id: WorkloadID, within time: Duration) {
        rebuild(
            instances: snapshot.instances.map { view in
                guard view.workload.name == id,
                    let workload = view.workload.recovering(within: time)
                else { return view }
                return view.with(workload)
            })
    }

    /// Loads go on as they were, so what was measured moves along.
    private mutating func wait(_ until: Instant) {
        let passed = until.since(snapshot.takenAt)
        rebuild(
            takenAt: until,
            instances: snapshot.instances.map { view in
                let use = view.use.samples.map { $0.at($0.at.advanced(by: passed)) }
                return Snapshot.InstanceView(
                    instance: view.instance, workload: view.workload, changed: view.changed,
                    use: UseSeries(use), reserved: view.reserved, undone: view.undone,
                    day: view.day.shifted(by: passed), load: view.load?.shifted(by: passed))
            }, links: snapshot.links.shifted(by: passed))
    }
}

extension Labels {
    /// Without the pair of the name of `label`.
    package func without(_ label: Label) -> Labels {
        Labels(pairs.filter { $0.name != label.name })
    }
}

extension Host {
    /// The host with other parts in place of its own.
    package func with(
        state: State? = nil, capacity: Capacity? = nil, labels: Labels? = nil,
        taints: Labels? = nil
    ) -> Host {
        Host(
            id: id, labels: labels ?? self.labels, taints: taints ?? self.taints,
            capacity: capacity ?? self.capacity, state: state ?? self.state, address: address,
            isNew: isNew, sleep: sleep)
    }
}

extension Capacity {
    fileprivate func with(_ capability: Capability) -> Capacity {
        Capacity(
            total: total, hostReserve: hostReserve, architecture: architecture,
            features: features, kernel: kernel, bootID: bootID,
            capabilities: capabilities.filter { $0.name != capability.name } + [capability],
            wakeTime: wakeTime)
    }

    /// The least capacity whose ceilings are higher by `room`.
    fileprivate func with(room: Resources, under policy: Policy) -> Capacity {
        let wanted = policy.ceiling(of: allocatable) + room
        var needed = wanted.maximum(allocatable)
        if room.cpu > .zero {
            needed.cpu = CPU(
                millicores: wanted.cpu.millicores.whole(ofShare: policy.ceilingCPU))
        }
        if room.memory > .zero {
            needed.memory = Bytes(wanted.memory.count.whole(ofShare: policy.ceilingMemory))
        }
        return Capacity(
            total: needed + hostReserve, hostReserve: hostReserve, architecture: architecture,
            features: features, kernel: kernel, bootID: bootID, capabilities: capabilities,
            wakeTime: wakeTime)
    }
}

extension UInt64 {
    /// The least amount of which `share` is this number; the largest value where there is none.
    fileprivate func whole(ofShare share: Share) -> UInt64 {
        guard share.permille > 0 else { return self == 0 ? 0 : .max }
        let (permille, part) = (UInt128(share.permille), UInt128(self) * 1000)
        return UInt64(clamping: (part + permille - 1) / permille)
    }
}

extension Snapshot.InstanceView {
    func with(_ change: (inout Instance) -> Void) -> Snapshot.InstanceView {
        var instance = instance
        change(&instance)
        return Snapshot.InstanceView(
            instance: instance, workload: workload, changed: changed, use: use, reserved: reserved,
            undone: undone, day: day, load: load)
    }

    fileprivate func with(_ workload: Workload) -> Snapshot.InstanceView {
        Snapshot.InstanceView(
            instance: instance, workload: workload, changed: changed, use: use, reserved: reserved,
            undone: undone, day: day, load: load)
    }
}

extension MoveLoad {
    fileprivate func shifted(by time: Duration) -> MoveLoad {
        MoveLoad(at: at.advanced(by: time), memory: memory, disks: disks, changes: changes)
    }
}

extension Use {
    fileprivate func at(_ instant: Instant) -> Use {
        Use(
            at: instant, cpu: cpu, memory: memory, throttled: throttled, network: network,
            disk: disk, pressure: pressure)
    }
}

extension Rules {
    package func with(
        need: Labels? = nil, avoid: Labels? = nil, apart: Labels? = nil, spread: String?? = nil,
        tolerate: Labels? = nil
    ) -> Rules {
        Rules(
            need: need ?? self.need, avoid: avoid ?? self.avoid, prefer: prefer,
            apart: apart ?? self.apart, together: together, spread: spread ?? self.spread,
            tolerate: tolerate ?? self.tolerate, priority: priority)
    }
}
