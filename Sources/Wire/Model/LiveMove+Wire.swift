import CHuddleProto
package import ClusterModel

extension MoveEndpoint: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveEndpoint) throws(InvalidValue) {
        self.init(
            address: try IPv4Address(raw.address, "address"),
            memoryPort: try UInt16(port: raw.memory_port, "memoryPort"),
            diskPort: raw.disk_port == 0 ? nil : try UInt16(port: raw.disk_port, "diskPort"),
            hasBalloon: raw.has_balloon != 0,
            streams: max(1, Int(raw.streams)), takesPostcopy: raw.takes_postcopy != 0)
    }

    func fill(_ raw: inout Huddle__V1__MoveEndpoint, _ arena: inout Arena) {
        raw.address = arena.address(address)
        raw.memory_port = UInt32(memoryPort)
        raw.disk_port = UInt32(diskPort ?? 0)
        raw.has_balloon = hasBalloon ? 1 : 0
        if streams > 1 { raw.streams = UInt32(clamping: streams) }
        raw.takes_postcopy = takesPostcopy.wire
    }
}

extension MoveCredentials: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveCredentials) throws(InvalidValue) {
        self.init(
            authority: text(raw.authority), certificate: text(raw.certificate),
            key: text(raw.key), name: text(raw.name))
    }

    func fill(_ raw: inout Huddle__V1__MoveCredentials, _ arena: inout Arena) {
        raw.authority = arena.text(authority)
        raw.certificate = arena.text(certificate)
        raw.key = arena.text(key)
        raw.name = arena.text(name)
    }
}

extension MoveProgress: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveProgress) throws(InvalidValue) {
        self.init(
            rounds: Int(raw.rounds), transferred: Bytes(raw.transferred),
            remaining: Bytes(raw.remaining), bytesPerSecond: raw.bytes_per_second)
    }

    func fill(_ raw: inout Huddle__V1__MoveProgress, _ arena: inout Arena) {
        raw.rounds = UInt32(clamping: rounds)
        raw.transferred = transferred.count
        raw.remaining = remaining.count
        raw.bytes_per_second = bytesPerSecond
    }
}

extension MoveAdvance: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveProgress) throws(InvalidValue) {
        self.init(
            latest: try MoveProgress(raw: raw),
            share: Share(permille: min(raw.share_permille, 1_000))
        )
    }

    func fill(_ raw: inout Huddle__V1__MoveProgress, _ arena: inout Arena) {
        latest.fill(&raw, &arena)
        raw.share_permille = share.permille
    }
}
