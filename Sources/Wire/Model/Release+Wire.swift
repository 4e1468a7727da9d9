import CHuddleProto
package import ClusterModel

extension Pairing: WireMessage, WireValue {
    init(raw: Huddle__V1__Pairing) throws(InvalidValue) {
        self.init(
            instance: try ID(raw.instance, "instance"), host: try ID(raw.host, "host"),
            until: try Instant(raw.until, "until"), reason: text(raw.reason))
    }

    func fill(_ raw: inout Huddle__V1__Pairing, _ arena: inout Arena) {
        raw.instance = arena.id(instance)
        raw.host = arena.id(host)
        raw.until = until.wire
        raw.reason = arena.text(reason)
    }
}

extension Release.Before: WireMessage, WireValue {
    init(raw: Huddle__V1__ReleaseBefore) throws(InvalidValue) {
        var strain: Strain?
        if raw.strain_presence_case
            == HUDDLE__V1__RELEASE_BEFORE__STRAIN_PRESENCE_THROTTLED_PERMILLE
        {
            strain = Strain(
                throttled: Share(permille: raw.throttled_permille),
                pressure: try optional(raw.pressure, "pressure"))
        }
        self.init(
            instance: try ID(raw.instance, "instance"), isWell: raw.well != 0, strain: strain)
    }

    func fill(_ raw: inout Huddle__V1__ReleaseBefore, _ arena: inout Arena) {
        raw.instance = arena.id(instance)
        raw.well = isWell.wire
        guard let strain else { return }
        raw.strain_presence_case =
            HUDDLE__V1__RELEASE_BEFORE__STRAIN_PRESENCE_THROTTLED_PERMILLE
        raw.throttled_permille = strain.throttled.permille
        raw.pressure = arena.message(strain.pressure)
    }
}

extension Release.Return: WireMessage, WireValue {
    init(raw: Huddle__V1__ReleaseReturn) throws(InvalidValue) {
        self.init(instance: try ID(raw.instance, "instance"), host: try ID(raw.host, "host"))
    }

    func fill(_ raw: inout Huddle__V1__ReleaseReturn, _ arena: inout Arena) {
        raw.instance = arena.id(instance)
        raw.host = arena.id(host)
    }
}

extension Release: WireMessage, WireValue {
    init(raw: Huddle__V1__Release) throws(InvalidValue) {
        self.init(
            wave: Int(raw.wave), host: try ID.optional(raw.host, "host"),
            stage: try Stage(raw.stage, "stage"), since: try Instant(raw.since, "since"),
            before: try messages(raw.before, raw.n_before, "before"),
            returns: try messages(raw.returns, raw.n_returns, "returns"),
            undo: try ID.optional(raw.undo, "undo"))
    }

    func fill(_ raw: inout Huddle__V1__Release, _ arena: inout Arena) {
        raw.wave = UInt32(clamping: wave)
        raw.host = arena.id(host)
        raw.stage = stage.wire
        raw.since = since.wire
        (raw.n_before, raw.before) = arena.messages(before)
        (raw.n_returns, raw.returns) = arena.messages(returns)
        raw.undo = arena.id(undo)
    }
}

extension Release.Stage: WireEnum {
    var wire: Huddle__V1__ReleaseStage {
        switch self {
        case .moving: HUDDLE__V1__RELEASE_STAGE__RELEASE_STAGE_MOVING
        case .watching: HUDDLE__V1__RELEASE_STAGE__RELEASE_STAGE_WATCHING
        case .kept: HUDDLE__V1__RELEASE_STAGE__RELEASE_STAGE_KEPT
        case .undoing: HUDDLE__V1__RELEASE_STAGE__RELEASE_STAGE_UNDOING
        case .undone: HUDDLE__V1__RELEASE_STAGE__RELEASE_STAGE_UNDONE
        case .left: HUDDLE__V1__RELEASE_STAGE__RELEASE_STAGE_LEFT
        }
    }
}

extension Policy.Guardian: WireEnum {
    var wire: Huddle__V1__PolicyGuard {
        switch self {
        case .off: HUDDLE__V1__POLICY_GUARD__POLICY_GUARD_OFF
        case .auto: HUDDLE__V1__POLICY_GUARD__POLICY_GUARD_UNSPECIFIED
        case .all: HUDDLE__V1__POLICY_GUARD__POLICY_GUARD_ALL
        }
    }
}
