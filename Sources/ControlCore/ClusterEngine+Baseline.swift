import ClusterModel

extension ClusterEngine {
    // MARK: - The cluster's CPU baseline

    /// Holds the processor of `host` against what all members have in common.
    ///
    /// A new host that would lower it waits for an operator's word where something runs that might lose its ways; of a
    /// member that changed an event tells, and nothing it runs is touched.
    mutating func weigh(_ host: HostID, _ capacity: Capacity) {
        guard let record = state.hosts[host]?.value else { return }
        if record.isNew {
            // Nothing comes to it; it is looked at when that ends.
            guard record.standing != .draining else { return }
            weighNew(record, capacity)
        } else if Processor(capacity) != record.processor {
            reweigh(record, capacity)
        }
    }

    private mutating func weighNew(_ record: HostRecord, _ capacity: Capacity) {
        let lacking = state.processors.baseline.lacking(in: capacity)
        let processor = Processor(capacity)
        // Nothing is known on either side: it stays new.
        guard processor != nil || !lacking.isEmpty else { return }
        var known = record
        known.isNew = false
        known.processor = processor
        let waits =
            !lacking.isEmpty && isOccupied(capacity.architecture)
            && state.instances(on: record.id).isEmpty
        if waits { known.standing = .unconfirmed }
        change(.putHost(known))
        guard !lacking.isEmpty else { return }
        let what = Baseline.lowering(capacity.architecture, by: lacking)
        if waits {
            occurred(
                .host(record.id),
                "would lower \(what): nothing comes to it until huddle host confirm \(record.id)",
                .warning)
        } else if processor != nil {
            occurred(.host(record.id), "lowers \(what)", .warning)
            letInWhoLacksNothing()
        }
    }

    private mutating func reweigh(_ record: HostRecord, _ capacity: Capacity) {
        let before = state.processors.baseline
        var known = record
        known.processor = Processor(capacity)
        change(.putHost(known))
        let fallen = known.processor == nil ? [] : fall(since: before, capacity.architecture)
        if !fallen.isEmpty {
            let what = Baseline.lowering(capacity.architecture, by: fallen)
            occurred(
                .host(record.id), "lowers \(what); it is a member and keeps what it runs", .warning)
        } else if let lost = record.processor.map({
            Set($0.features).subtracting(capacity.features).sorted()
        }), !lost.isEmpty, record.standing != .unconfirmed {
            occurred(
                .host(record.id), "no longer has \(Baseline.words(lost)) of its processor", .warning
            )
        }
        letInWhoLacksNothing()
    }

    mutating func confirm(_ host: HostID, _ request: RequestID) {
        guard var record = state.hosts[host]?.value else { return refuseUnknown(host, request) }
        guard !record.isNew || observations.hosts[host]?.capacity != nil else {
            return refuse(
                request, .conflict,
                "host \(host) has not reported its processor yet; ask again once it has")
        }
        guard record.standing == .unconfirmed else {
            return answer(
                request, .changed(state.revision, notes: ["host \(host) needed no confirmation"]))
        }
        let capacity = self.host(host).capacity
        let lacking = state.processors.baseline.lacking(in: capacity)
        record.standing = .member
        change(.putHost(record))
        let effect =
            record.processor == nil
            ? "of its processor nothing is known"
            : "it lowers \(Baseline.lowering(capacity.architecture, by: lacking))"
        occurred(.host(host), "confirmed by an operator: \(effect)", .warning)
        letInWhoLacksNothing()
        answer(request, .changed(state.revision, notes: []))
    }

    /// Makes members of hosts that waited and would lower the baseline no more.
    mutating func letInWhoLacksNothing() {
        let waiting = state.hosts.values.map(\.value).filter { $0.standing == .unconfirmed }
        for record in waiting.sorted(by: { $0.id < $1.id }) {
            // Of one that never said and has not reported since a restart not even the architecture is known.
            guard record.processor != nil || observations.hosts[record.id]?.capacity != nil else {
                continue
            }
            let lacking = state.processors.baseline.lacking(in: host(record.id).capacity)
            guard lacking.isEmpty else { continue }
            var member = record
            member.standing = .member
            change(.putHost(member))
            occurred(.host(record.id), "would lower the CPU baseline no more: it takes instances")
        }
    }

    /// Whether an instance is on a host of `architecture`, so that its ways to other hosts count.
    private func isOccupied(_ architecture: String) -> Bool {
        let homes = Set(state.instances.values.compactMap(\.value.host))
        return homes.contains { host($0).capacity.architecture == architecture }
    }

    /// What the members of `architecture` had in common and have no more.
    private func fall(since before: Baseline, _ architecture: String) -> [String] {
        let now = Set(state.processors.baseline.features(of: architecture))
        return before.features(of: architecture).filter { !now.contains($0) }
    }

    mutating func refuseUnconfirmed(_ host: HostID, _ request: RequestID) {
        refuse(
            request, .conflict,
            "host \(host) is not confirmed, so nothing comes to it; huddle host confirm \(host) changes that"
        )
    }
}
