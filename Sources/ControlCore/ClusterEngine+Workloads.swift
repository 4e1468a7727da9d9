import ClusterModel

extension ClusterEngine {
    // MARK: - Apply

    mutating func apply(
        _ workloads: [Workload], on host: HostID?, dryRun: Bool, _ request: RequestID
    ) {
        if let refusal = refusal(of: workloads, on: host) {
            return answer(request, .refused(refusal))
        }
        let before = (decided, decision)
        var notes: [WorkloadChangeNote] = []
        for workload in workloads { notes.append(apply(workload, on: host)) }
        if dryRun {
            (decided, decision) = before
            return answer(request, .applied(notes, pending: [], at: state.revision))
        }
        let placing = placeable().filter { id in notes.contains { $0.starts.contains(id) } }
        guard !placing.isEmpty else {
            let names = Set(workloads.flatMap(\.instances))
            let pending = decided.pending.values.filter { names.contains($0.instance) }
                .sorted { $0.instance < $1.instance }
            return answer(request, .applied(notes, pending: pending, at: state.revision))
        }
        // The answer waits for the planner, so that it says what found no room.
        var waiting: RequestID? = request
        for group in Dictionary(grouping: placing, by: { state.wishes[$0] })
            .sorted(by: { ($0.value.first?.rawValue ?? "") < ($1.value.first?.rawValue ?? "") })
        {
            place(group.value, on: group.key, for: waiting, waiting == nil ? [] : notes)
            waiting = nil
        }
    }

    private func refusal(of workloads: [Workload], on host: HostID?) -> RequestRefusal? {
        var names = Set<WorkloadID>()
        for workload in workloads {
            guard names.insert(workload.name).inserted else {
                return RequestRefusal(.invalid, "workloads: '\(workload.name)' stands there twice")
            }
            if let known = state.workloads[workload.name]?.value, known.kind != workload.kind {
                return RequestRefusal(
                    .conflict,
                    "\(workload.name) is a \(known.kind.rawValue); delete it to make it a \(workload.kind.rawValue)"
                )
            }
            if state.workloads[workload.name]?.value.count == 0, workload.count > 0,
                state.instances.values.contains(where: {
                    $0.value.workload == workload.name && $0.value.desired == .removed
                })
            {
                return RequestRefusal(
                    .conflict, "\(workload.name) is still being deleted; apply it again in a moment"
                )
            }
            if workload.kind == .vm, case .named(let name) = workload.image,
                state.images[ImageID(name)] == nil
            {
                return RequestRefusal(
                    .invalid,
                    "image: there is no image '\(name)' for \(workload.name); add it with huddle image add"
                )
            }
        }
        for instance in workloads.flatMap(\.instances) where state.instances[instance] == nil {
            guard let host, let home = orphanHosts(of: instance).first, home != host else {
                continue
            }
            return RequestRefusal(
                .conflict,
                "\(instance) is an orphan on host \(home); take it over by applying it there, or without --on"
            )
        }
        if let host, state.hosts[host] == nil {
            return RequestRefusal(.notFound, "there is no host \(host)")
        }
        return nil
    }

    private mutating func apply(_ workload: Workload, on host: HostID?) -> WorkloadChangeNote {
        let old = state.workloads[workload.name]?.value
        let difference = old.map { WorkloadDifference(from: $0, to: workload) }
        if old != workload { change(.putWorkload(workload)) }
        let present = state.instances.values.map(\.value).filter { $0.workload == workload.name }
            .sorted { $0.index < $1.index }
        let living = present.filter { $0.desired != .removed }
        let starts = (0..<workload.count).filter { index in !living.contains { $0.index == index } }
        // One that still goes is made anew once it is gone.
        for index in starts where !present.contains(where: { $0.index == index }) {
            create(workload, index, on: host, after: .zero)
        }
        let removes = living.filter { $0.index >= workload.count }
        for instance in removes { remove(instance.id) }
        let kept = living.filter { $0.index < workload.count }
        if difference?.concernsHosts == true { markOutdated(kept) }
        let replaces = difference?.replaces == true ? kept : []
        let kind = kind(
            old, workload, replaces: !replaces.isEmpty, scaled: !starts.isEmpty || !removes.isEmpty)
        if kind != .none {
            occurred(.workload(workload.name), kind == .created ? "applied" : "changed")
        }
        return WorkloadChangeNote(
            workload: workload.name, kind: kind, differences: difference?.lines ?? [],
            starts: starts.map { workload.instance($0) }, replaces: replaces.map(\.id),
            removes: removes.map(\.id))
    }

    private func kind(
        _ old: Workload?, _ new: Workload, replaces: Bool, scaled: Bool
    ) -> WorkloadChangeNote.Kind {
        guard let old else { return .created }
        if replaces { return .replaced }
        if scaled { return .scaled }
        return old == new ? .none : .updated
    }

    /// Makes an instance that waits for its place.
    ///
    /// A host that has an orphan of that name may run it, so the instance can only be there: it is taken over.
    mutating func create(
        _ workload: Workload, _ index: Int, on host: HostID?, after generation: Generation
    ) {
        let id = workload.instance(index)
        let instance = Instance(
            id: id, workload: workload.name, index: index,
            generation: self.generation(after: generation))
        change(.putInstance(instance))
        let homes = orphanHosts(of: id)
        if let home = homes.first ?? host { change(.putWish(id, home)) }
        for other in homes.dropFirst() { removeLeftover(of: instance, from: other) }
    }

    /// Hosts that were last heard to have `instance` without anything decided about it.
    private func orphanHosts(of instance: InstanceID) -> [HostID] {
        state.hosts.keys.sorted().filter { host in
            hostState(host) != .fenced && observations.hosts[host]?.orphans[instance] != nil
        }
    }

    // MARK: - Replacing, one at a time

    /// Notes that the hosts of `instances` do not know the present spec yet, and tells the first.
    private mutating func markOutdated(_ instances: [Instance]) {
        for instance in instances where instance.host != nil {
            decided.replacing[instance.id] = nil
            change(.markOutdated(instance.id))
        }
        if let workload = instances.first?.workload { replaceNext(of: workload) }
    }

    /// Tells the next outdated instance of `workload` its present spec, unless one that was told is not well yet.
    ///
    /// A replaced instance that fails holds up the others: they run, and it shows what would become of them. That
    /// ends when it runs after all, is applied again, moves or goes, or when its host falls silent.
    mutating func replaceNext(of workload: WorkloadID) {
        guard !state.outdated.isEmpty else { return }
        let living = state.instances.values.map(\.value)
            .filter { $0.workload == workload && $0.desired == .running && $0.host != nil }
        guard !living.contains(where: isUnsettled) else { return }
        let next = living.filter { instance in
            state.outdated.contains(instance.id) && decided.moveOf(instance.id) == nil
                && decided.replacing[instance.id] == nil
                && observations.observed(instance) != .unknown
        }.min { a, b in
            let isWell = [observations.observed(a).isWell, observations.observed(b).isWell]
            return isWell[0] == isWell[1] ? a.index < b.index : !isWell[0]
        }
        guard var next else { return }
        next.generation = generation(after: next.generation)
        change(.putInstance(next))
        decided.replacing[next.id] = next.generation
        occurred(.instance(next.id), "is told its workload's new spec")
        tell(next)
    }

    /// Whether the instance is in the middle of a change, or did not come out of its last one well.
    private func isUnsettled(_ instance: Instance) -> Bool {
        guard decided.moveOf(instance.id) == nil else { return true }
        let observed = observations.observed(instance)
        guard observed != .unknown else { return false }
        if decided.replacing[instance.id] != nil { return true }
        return !state.outdated.contains(instance.id) && !observed.isWell
    }

    /// The host knows the instance's present spec once it speaks of the generation under which it was told.
    mutating func confirmReplacing(_ instance: Instance, _ status: AgentNews.InstanceStatus) {
        guard let told = decided.replacing[instance.id], status.generation >= told else { return }
        clearOutdated(instance.id)
        replaceNext(of: instance.workload)
    }

    mutating func clearOutdated(_ id: InstanceID) {
        decided.replacing[id] = nil
        if state.outdated.contains(id) { change(.clearOutdated(id)) }
    }

    // MARK: - Delete

    mutating func delete(_ workload: WorkloadID, volumes: Bool, _ request: RequestID) {
        guard let known = state.workloads[workload]?.value else {
            return refuse(request, .notFound, "there is no workload \(workload)")
        }
        let instances = state.instances.values.map(\.value).filter { $0.workload == workload }
            .sorted { $0.index < $1.index }
        // Count zero marks a workload that goes once its last instance is gone.
        if let emptied = known.emptied { change(.putWorkload(emptied)) }
        for instance in instances {
            if volumes { change(.markVolumes(instance.id)) }
            remove(instance.id)
        }
        if instances.isEmpty { forget(workload) }
        answer(request, .changed(state.revision, notes: instances.map { "\($0.id) goes" }))
    }

    /// Decides that an instance goes; one that was never on a host is gone at once.
    ///
    /// A move of it is cancelled first. One that cannot be any more ends by itself, and its end comes here again:
    /// the instance then goes from whichever host has it.
    mutating func remove(_ id: InstanceID) {
        guard var going = state.instances[id]?.value else { return }
        guard going.host != nil else { return forget(going) }
        going.desired = .removed
        decided.pending[id] = nil
        clearOutdated(id)
        if let move = decided.moveOf(id) {
            change(.putInstance(going))
            // What is to go needs not be brought to a disk first.
            let isFlushing = decided.moves[move.id]?.isFlushing ?? false
            return drive(move.id, isFlushing ? .resume : .cancel)
        }
        going.generation = generation(after: going.generation)
        change(.putInstance(going))
        tell(going)
    }

    // MARK: - Images

    mutating func addImage(_ image: Image, _ request: RequestID) {
        if let known = state.images[image.id], known != image,
            let user = user(of: image.id)
        {
            return refuse(
                request, .conflict,
                "image \(image.id) is used by \(user) and has other content; choose another name")
        }
        change(.putImage(image))
        occurred(.cluster, "image \(image.id) added")
        answer(request, .changed(state.revision, notes: []))
    }

    mutating func removeImage(_ image: ImageID, _ request: RequestID) {
        guard state.images[image] != nil else {
            return refuse(request, .notFound, "there is no image \(image)")
        }
        if let user = user(of: image) {
            return refuse(request, .conflict, "image \(image) is used by \(user)")
        }
        change(.removeImage(image))
        answer(request, .changed(state.revision, notes: []))
    }

    /// The first workload that starts from `image`.
    private func user(of image: ImageID) -> WorkloadID? {
        state.workloads.values.filter { $0.value.image.names.contains(image.rawValue) }.map(
            \.value.name
        ).min()
    }
}

extension Workload {
    /// This workload with no instances; it keeps every rule it had, so making it cannot fail.
    var emptied: Workload? {
        try? Workload(
            kind: kind, name: name, count: 0, labels: labels, image: image, program: program,
            storage: storage, size: size, limit: limit, rules: rules, move: move,
            onHostLoss: onHostLoss, floor: floor, recoveryTime: recoveryTime)
    }
}

extension ImageReference {
    /// The images it is made of.
    var names: [String] {
        switch self {
        case .named(let name): [name]
        case .kernel(let kernel, let initrd, _): [kernel, initrd]
        }
    }
}

extension Instance.Observed {
    /// Whether it does, or has done, what it is for.
    var isWell: Bool {
        switch self {
        case .running, .stopped: true
        case .pending, .starting, .unhealthy, .failed, .unknown, .held: false
        }
    }
}
