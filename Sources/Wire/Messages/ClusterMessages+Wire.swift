import CHuddleProto
import ClusterModel

extension VersionRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__VersionRequest) throws(InvalidValue) {
        self.init(protocol: Int(raw.protocol))
    }

    func fill(_ raw: inout Huddle__V1__VersionRequest, _ arena: inout Arena) {
        raw.protocol = UInt32(clamping: `protocol`)
    }
}

extension VersionReply: WireMessage, WireValue {
    init(raw: Huddle__V1__VersionReply) throws(InvalidValue) {
        self.init(protocol: Int(raw.protocol), version: text(raw.version))
    }

    func fill(_ raw: inout Huddle__V1__VersionReply, _ arena: inout Arena) {
        raw.protocol = UInt32(clamping: `protocol`)
        raw.version = arena.text(version)
    }
}

extension ListRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__ListRequest) throws(InvalidValue) {
        self.init()
    }

    func fill(_ raw: inout Huddle__V1__ListRequest, _ arena: inout Arena) {}
}

extension HostRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__HostRequest) throws(InvalidValue) {
        self.init(host: try ID(raw.host, "host"))
    }

    func fill(_ raw: inout Huddle__V1__HostRequest, _ arena: inout Arena) {
        raw.host = arena.id(host)
    }
}

extension DrainHostRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__DrainHostRequest) throws(InvalidValue) {
        self.init(host: try ID(raw.host, "host"), force: raw.force != 0, dryRun: raw.dry_run != 0)
    }

    func fill(_ raw: inout Huddle__V1__DrainHostRequest, _ arena: inout Arena) {
        raw.host = arena.id(host)
        raw.force = force.wire
        raw.dry_run = dryRun.wire
    }
}

extension ListHostsReply: WireMessage, WireValue {
    init(raw: Huddle__V1__ListHostsReply) throws(InvalidValue) {
        self.init(hosts: try messages(raw.hosts, raw.n_hosts, "hosts"))
    }

    func fill(_ raw: inout Huddle__V1__ListHostsReply, _ arena: inout Arena) {
        (raw.n_hosts, raw.hosts) = arena.messages(hosts)
    }
}

extension HostSummary: WireMessage, WireValue {
    init(raw: Huddle__V1__HostSummary) throws(InvalidValue) {
        let hasHeardAt =
            raw.heard_presence_case == HUDDLE__V1__HOST_SUMMARY__HEARD_PRESENCE_HEARD_AT
        self.init(
            host: try required(raw.host, "host"),
            reserved: try optional(raw.reserved, "reserved") ?? .zero,
            use: try optional(raw.use, "use"), instances: Int(raw.instances),
            address: text(raw.address), version: text(raw.version),
            heardAt: hasHeardAt ? try Instant(raw.heard_at, "heardAt") : nil)
    }

    func fill(_ raw: inout Huddle__V1__HostSummary, _ arena: inout Arena) {
        raw.host = arena.message(host)
        raw.reserved = arena.message(reserved)
        raw.use = arena.message(use)
        raw.instances = UInt32(clamping: instances)
        raw.address = arena.text(address)
        raw.version = arena.text(version)
        if let heardAt {
            raw.heard_presence_case = HUDDLE__V1__HOST_SUMMARY__HEARD_PRESENCE_HEARD_AT
            raw.heard_at = heardAt.wire
        }
    }
}

extension EventsRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__EventsRequest) throws(InvalidValue) {
        self.init(follow: raw.follow != 0, last: Int(raw.last))
    }

    func fill(_ raw: inout Huddle__V1__EventsRequest, _ arena: inout Arena) {
        raw.follow = follow.wire
        raw.last = UInt32(clamping: last)
    }
}

extension CreateTokenRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__CreateTokenRequest) throws(InvalidValue) {
        self.init(lifetime: try Duration(raw.lifetime_milliseconds, "lifetime"))
    }

    func fill(_ raw: inout Huddle__V1__CreateTokenRequest, _ arena: inout Arena) {
        raw.lifetime_milliseconds = lifetime.wire
    }
}

extension CreateTokenReply: WireMessage, WireValue {
    init(raw: Huddle__V1__CreateTokenReply) throws(InvalidValue) {
        self.init(token: text(raw.token), expiresAt: try Instant(raw.expires_at, "expiresAt"))
    }

    func fill(_ raw: inout Huddle__V1__CreateTokenReply, _ arena: inout Arena) {
        raw.token = arena.text(token)
        raw.expires_at = expiresAt.wire
    }
}

extension ExplainRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__ExplainRequest) throws(InvalidValue) {
        self.init(instance: try ID(raw.instance, "instance"))
    }

    func fill(_ raw: inout Huddle__V1__ExplainRequest, _ arena: inout Arena) {
        raw.instance = arena.id(instance)
    }
}

extension ExplainReply: WireMessage, WireValue {
    init(raw: Huddle__V1__ExplainReply) throws(InvalidValue) {
        self.init(
            instance: try required(raw.instance, "instance"),
            verdicts: try messages(raw.verdicts, raw.n_verdicts, "verdicts"),
            lastDecision: try optional(raw.last_decision, "lastDecision"))
    }

    func fill(_ raw: inout Huddle__V1__ExplainReply, _ arena: inout Arena) {
        raw.instance = arena.message(instance)
        (raw.n_verdicts, raw.verdicts) = arena.messages(verdicts)
        raw.last_decision = arena.message(lastDecision)
    }
}
