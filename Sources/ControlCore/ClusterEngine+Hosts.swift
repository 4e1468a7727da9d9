import ClusterModel

extension ClusterEngine {
    // MARK: - Coming and going

    mutating func admit(_ host: HostID, _ labels: Labels, _ request: RequestID) {
        guard HostID.isName(host.rawValue) else {
            return refuse(request, .invalid, "host: '\(host)' is not a name")
        }
        // Whoever bears a token must not become a host that is merely away for a moment.
        if let known = state.hosts[host]?.value, known.standing != .fenced {
            return refuse(
                request, .conflict,
                "there is a host \(host) already; remove it first, or choose another name")
        }
        var record = state.hosts[host]?.value ?? HostRecord(id: host)
        record.labels = labels
        // Joining anew is what ends a fence; a drain goes on.
        if record.standing == .fenced { record.standing = .member }
        record.processor = nil
        record.isNew = true
        if record.address.map(network.contains) != true { record.address = freeAddress() }
        change(.putHost(record))
        occurred(.host(host), "joined")
        answer(request, .changed(state.revision, notes: []))
    }

    mutating func connected(_ host: HostID, _ session: SessionID, _ hello: AgentHello) {
        guard let record = state.hosts[host]?.value else {
            effect(.disconnect(host, reason: "host \(host) is not a member of this cluster"))
            return
        }
        guard record.standing != .fenced else {
            effect(
                .disconnect(host, reason: "host \(host) was fenced; remove it and join it again"))
            return
        }
        let known = observations.hosts[host]
        softwareChanged(of: host, to: hello.capacity)
        observations.update(host) { seen in
            seen.session = session
            seen.capacity = hello.capacity
            seen.version = hello.version
            seen.address = hello.address
            seen.heardAt = now
            seen.isLost = false
        }
        if !hello.labels.pairs.isEmpty, hello.labels != record.labels {
            var relabelled = record
            relabelled.labels = hello.labels
            change(.putHost(relabelled))
        }
        if record.address == nil { giveAddress(to: host) }
        if let boot = known?.capacity?.bootID, boot != hello.capacity.bootID {
            occurred(.host(host), "rebooted", .warning)
        }
        if known?.isLost == true { occurred(.host(host), "is back") }
        heardAsleep(host)
        weigh(host, hello.capacity)
        noteConnected(host, boot: hello.capacity.bootID)
        greet(host)
    }

    /// Tells a host everything: what is to be there, and what it has to do for moves.
    mutating func greet(_ host: HostID) {
        effect(.instruct(host, .welcome(lease: HostLiveness.lease)))
        tellNetwork(to: host)
        let kept = decided.unreleased.filter { $0.value == host }.keys
        let moving =
            decided.moves(with: host).compactMap { decided.moves[$0]?.record.move.instance } + kept
        effect(
            .instruct(
                host,
                .assign(assignments(for: host), complete: true, moving: moving.sorted())))
        resumeMoves(with: host)
    }

    mutating func disconnected(_ host: HostID, _ session: SessionID) {
        guard observations.hosts[host]?.session == session else { return }
        observations.update(host) { $0.session = nil }
    }

    mutating func said(_ host: HostID, _ news: AgentNews) {
        guard let record = state.hosts[host]?.value, record.standing != .fenced else { return }
        if observations.hosts[host]?.isLost == true { occurred(.host(host), "is back") }
        observations.update(host) { seen in
            seen.heardAt = now
            seen.isLost = false
        }
        heardAsleep(host)
        switch news {
        case .report(let use, let instances, let images):
            observations.update(host) { seen in
                seen.use.append(use)
                seen.images = images
            }
            watchLoad(of: host, use)
            for measured in instances {
                observations.note(measured.use, of: measured.id, on: host, at: now)
                if let load = measured.load { observations.note(load, of: measured.id, on: host) }
            }
            effect(.instruct(host, .acknowledge))
        case .capacity(let capacity):
            softwareChanged(of: host, to: capacity)
            observations.update(host) { $0.capacity = capacity }
            weigh(host, capacity)
        case .statuses(let statuses): reconcile(host, statuses)
        case .move(let id, let phase, let undo, let failure, let endpoint, let measure, let verdict):
            if let verdict { learn(verdict, from: host, in: id) }
            moveAnswered(id, by: host, phase, undo: undo, failure, endpoint, measure)
        case .moveProgress(let id, let progress): moveProgressed(id, by: host, progress)
        }
    }

    // MARK: - What is to be on a host

    /// Everything that is to be on `host`, but what a move's orders alone speak of.
    func assignments(for host: HostID) -> [Assigned] {
        state.instances(on: host).filter { !isGoverned($0.id, on: host) }.compactMap(assigned)
    }

    /// Whether a move's orders alone say what happens to the instance on `host`.
    func isGoverned(_ instance: InstanceID, on host: HostID) -> Bool {
        decided.engineOf(instance)?.governs(host) ?? false
    }

    /// What its host is told of `instance`; `nil` while it has none.
    func assigned(_ instance: Instance) -> Assigned? {
        guard instance.host != nil, let workload = state.workloads[instance.workload]?.value else {
            return nil
        }
        return Assigned(
            instance: instance.id, generation: instance.generation, desired: instance.desired,
            workload: workload, image: image(of: workload),
            imageSources: instance.host.map { imageSources(of: workload, for: $0) } ?? [],
            removeVolumes: state.volumesToRemove.contains(instance.id), address: instance.address)
    }

    /// The image that `workload` names, when the coordinator holds it; a missing one is the host's to look for.
    func image(of workload: Workload) -> Image? {
        guard case .named(let name) = workload.image else { return nil }
        return state.images[ImageID(name)]
    }

    /// Other hosts that are connected and have every file of the image; a few are enough.
    func imageSources(of workload: Workload, for host: HostID) -> [String] {
        guard let image = image(of: workload) else { return [] }
        let holders = observations.hosts.sorted { $0.key < $1.key }.filter { id, seen in
            id != host && seen.session != nil && !seen.address.isEmpty
                && image.files.allSatisfy { seen.images.contains($0.digest) }
        }
        return holders.prefix(ControlLimits.imageSources).map(\.value.address)
    }

    mutating func tell(_ instance: Instance) {
        guard let host = instance.host, observations.hosts[host]?.session != nil,
            !isGoverned(instance.id, on: host)
        else { return }
        guard let assigned = assigned(instance) else { return }
        effect(.instruct(host, .assign([assigned], complete: false)))
    }

    // MARK: - What is on a host

    private mutating func reconcile(_ host: HostID, _ statuses: [AgentNews.InstanceStatus]) {
        var orphans: [InstanceID: Instance.Observed] = [:]
        for status in statuses {
            guard let instance = state.instances[status.id]?.value else {
                if status.observed != .stopped { orphans[status.id] = status.observed }
                continue
            }
            if instance.host == host {
                observe(instance, on: host, status)
                removeIfGone(instance)
                // Whatever made it wait for the coordinator's word, here it is.
                if status.observed == .held, let present = state.instances[status.id]?.value {
                    tell(present)
                }
            } else if !isGoverned(instance.id, on: host),
                decided.unreleased[instance.id] != host, isLeftover(status, of: instance)
            {
                removeLeftover(of: instance, from: host)
            }
        }
        for orphan in orphans.keys.sorted() where observations.hosts[host]?.orphans[orphan] == nil {
            occurred(
                .instance(orphan), "is an orphan on host \(host): nothing was decided about it",
                .warning)
        }
        observations.update(host) { $0.orphans = orphans }
    }

    private mutating func observe(
        _ instance: Instance, on host: HostID, _ status: AgentNews.InstanceStatus
    ) {
        let before = observations.observed(instance)
        observations.note(instance.id, on: host, status.observed, status.generation)
        confirmReplacing(instance, status)
        guard before.word != status.observed.word else { return }
        switch status.observed {
        case .failed(let reason):
            occurred(.instance(instance.id), "failed on \(host): \(reason)", .failure)
        case .unhealthy(let reason):
            occurred(.instance(instance.id), "is unhealthy on \(host): \(reason)", .warning)
        // What a stream left there looks as if it ran.
        case .running where decided.engineOf(instance.id)?.hasLeft(host) == true: break
        case .running:
            occurred(.instance(instance.id), "runs on \(host)")
            replaceNext(of: instance.workload)
        case .pending, .starting, .stopped, .unknown, .held: break
        }
    }

    /// A stop under the generation that removed it says that nothing of the instance is left.
    mutating func removeIfGone(_ instance: Instance) {
        guard instance.desired == .removed, let host = instance.host,
            decided.moveOf(instance.id) == nil,
            let said = observations.instances[instance.id], said.host == host,
            said.observed == .stopped, said.generation >= instance.generation
        else { return }
        forget(instance)
    }

    /// Whether a host on which the instance was not decided to be still has something of it.
    ///
    /// A removal under the present generation was told already and done when it reports a stop.
    private func isLeftover(_ status: AgentNews.InstanceStatus, of instance: Instance) -> Bool {
        status.generation < instance.generation
            || (status.generation == instance.generation && status.observed != .stopped)
    }

    mutating func forget(_ instance: Instance) {
        let id = instance.id
        releaseLate(instance)
        change(.removeInstance(id))
        if state.outdated.contains(id) { change(.clearOutdated(id)) }
        if state.volumesToRemove.contains(id) { change(.clearVolumes(id)) }
        if state.wishes[id] != nil { change(.clearWish(id)) }
        observations.forget(id)
        decided.pending[id] = nil
        decided.replacing[id] = nil
        decided.rationale[id] = nil
        decided.displacements.bury(id)
        guard let workload = state.workloads[instance.workload]?.value else { return }
        if instance.index < workload.count {
            // Its workload was scaled up again while it went.
            create(workload, instance.index, on: nil, after: instance.generation)
        } else if workload.count == 0,
            !state.instances.values.contains(where: { $0.value.workload == workload.name })
        {
            forget(workload.name)
            occurred(.workload(workload.name), "deleted")
        }
    }
}

extension ClusterEngine.Decided {
    /// The move under way of `instance`.
    func moveOf(_ instance: InstanceID) -> Move? { engineOf(instance)?.record.move }

    /// What drives the move under way of `instance`.
    func engineOf(_ instance: InstanceID) -> MoveEngine? {
        moves.values.first { $0.record.move.instance == instance }
    }

    /// The moves under way that `host` takes part in, in a fixed order.
    func moves(with host: HostID) -> [MoveID] {
        moves.values.map(\.record.move).filter { $0.source == host || $0.target == host }.map(\.id)
            .sorted()
    }
}
