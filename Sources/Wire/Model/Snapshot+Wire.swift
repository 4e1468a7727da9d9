import CHuddleProto
package import ClusterModel

extension Snapshot.Reservation: WireMessage, WireValue {
    init(raw: Huddle__V1__Reservation) throws(InvalidValue) {
        self.init(
            plan: try ID(raw.plan, "plan"), instance: try ID(raw.instance, "instance"),
            host: try ID(raw.host, "host"))
    }

    func fill(_ raw: inout Huddle__V1__Reservation, _ arena: inout Arena) {
        raw.plan = arena.id(plan)
        raw.instance = arena.id(instance)
        raw.host = arena.id(host)
    }
}

extension Snapshot.HostView: WireMessage, WireValue {
    init(raw: Huddle__V1__HostView) throws(InvalidValue) {
        self.init(
            host: try required(raw.host, "host"), changed: try Revision(raw.changed, "changed"),
            use: UseSeries(try messages(raw.use, raw.n_use, "use")),
            images: texts(raw.images, raw.n_images))
    }

    func fill(_ raw: inout Huddle__V1__HostView, _ arena: inout Arena) {
        raw.host = arena.message(host)
        raw.changed = changed.number
        (raw.n_use, raw.use) = arena.messages(use.samples)
        (raw.n_images, raw.images) = arena.texts(images)
    }
}

extension Snapshot.InstanceView: WireMessage, WireValue {
    init(raw: Huddle__V1__InstanceView) throws(InvalidValue) {
        let undone: [Pairing] = try messages(raw.undone, raw.n_undone, "undone")
        self.init(
            instance: try required(raw.instance, "instance"),
            workload: try required(raw.workload, "workload"),
            changed: try Revision(raw.changed, "changed"),
            use: UseSeries(try messages(raw.use, raw.n_use, "use")),
            reserved: try required(raw.reserved, "reserved"),
            undone: Dictionary(
                undone.map { ($0.host, $0.until) }, uniquingKeysWith: { max($0, $1) }),
            day: try DaySeries(end: raw.day_end, octets: octets(raw.day)),
            load: try optional(raw.load, "load"))
    }

    func fill(_ raw: inout Huddle__V1__InstanceView, _ arena: inout Arena) {
        raw.instance = arena.message(instance)
        raw.workload = arena.message(workload)
        raw.changed = changed.number
        (raw.n_use, raw.use) = arena.messages(use.samples)
        raw.reserved = arena.message(reserved)
        let pairings = undone.sorted { $0.key < $1.key }.map {
            Pairing(instance: id, host: $0.key, until: $0.value, reason: "")
        }
        (raw.n_undone, raw.undone) = arena.messages(pairings)
        raw.day_end = day.end
        raw.day = arena.bytes(day.octets)
        raw.load = arena.message(load)
    }
}

extension DaySeries {
    /// Reads four bytes for each bucket, all ones where nothing is known.
    fileprivate init(end: Int64, octets: [UInt8]) throws(InvalidValue) {
        guard octets.count.isMultiple(of: 4), octets.count <= 4 * Self.capacity else {
            throw InvalidValue("day", "\(octets.count) bytes are no day of buckets")
        }
        guard end.magnitude < 1 << 60 else { throw InvalidValue("dayEnd", "is no time") }
        let amounts = stride(from: 0, to: octets.count, by: 4).map { place -> UInt64? in
            let amount = (0..<4).reduce(UInt32(0)) {
                $0 | UInt32(octets[place + $1]) << (8 * UInt32($1))
            }
            return amount == .max ? nil : UInt64(amount)
        }
        self.init(end: end, amounts)
    }

    fileprivate var octets: [UInt8] {
        all.flatMap { amount in
            let cell = amount.map { UInt32(clamping: $0) } ?? .max
            return (0..<4).map { UInt8(truncatingIfNeeded: cell >> (8 * UInt32($0))) }
        }
    }
}

extension Snapshot: WireMessage, WireValue {
    init(raw: Huddle__V1__Snapshot) throws(InvalidValue) {
        self.init(
            revision: try Revision(raw.revision, "revision"),
            takenAt: try Instant(raw.taken_at, "takenAt"),
            hosts: try messages(raw.hosts, raw.n_hosts, "hosts"),
            instances: try messages(raw.instances, raw.n_instances, "instances"),
            reservations: try messages(raw.reservations, raw.n_reservations, "reservations"),
            links: MoveLinks(try messages(raw.links, raw.n_links, "links")),
            refusals: CheckpointRefusals(
                try messages(raw.refusals, raw.n_refusals, "refusals"),
                at: try Instant(raw.taken_at, "takenAt")))
    }

    func fill(_ raw: inout Huddle__V1__Snapshot, _ arena: inout Arena) {
        raw.revision = revision.number
        raw.taken_at = takenAt.wire
        (raw.n_hosts, raw.hosts) = arena.messages(hosts)
        (raw.n_instances, raw.instances) = arena.messages(instances)
        (raw.n_reservations, raw.reservations) = arena.messages(reservations)
        (raw.n_links, raw.links) = arena.messages(links.entries)
        (raw.n_refusals, raw.refusals) = arena.messages(refusals.entries)
    }
}
