import CHuddleProto
import ClusterModel

extension JoinRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__JoinRequest) throws(InvalidValue) {
        self.init(
            protocol: Int(raw.protocol), tokenID: text(raw.token_id), secret: octets(raw.secret),
            host: try ID(raw.host, "host"), certificateRequest: octets(raw.certificate_request),
            labels: try Labels(raw.labels, raw.n_labels, "labels"))
    }

    func fill(_ raw: inout Huddle__V1__JoinRequest, _ arena: inout Arena) {
        raw.protocol = UInt32(clamping: `protocol`)
        raw.token_id = arena.text(tokenID)
        raw.secret = arena.bytes(secret)
        raw.host = arena.id(host)
        raw.certificate_request = arena.bytes(certificateRequest)
        (raw.n_labels, raw.labels) = arena.messages(labels.pairs)
    }
}

extension JoinReply: WireMessage, WireValue {
    init(raw: Huddle__V1__JoinReply) throws(InvalidValue) {
        self.init(certificate: octets(raw.certificate), authority: octets(raw.authority))
    }

    func fill(_ raw: inout Huddle__V1__JoinReply, _ arena: inout Arena) {
        raw.certificate = arena.bytes(certificate)
        raw.authority = arena.bytes(authority)
    }
}

extension RenewRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__RenewRequest) throws(InvalidValue) {
        self.init(certificateRequest: octets(raw.certificate_request))
    }

    func fill(_ raw: inout Huddle__V1__RenewRequest, _ arena: inout Arena) {
        raw.certificate_request = arena.bytes(certificateRequest)
    }
}
