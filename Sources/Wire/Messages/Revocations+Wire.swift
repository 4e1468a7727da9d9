import CHuddleProto
import ClusterModel

extension Revocations: WireMessage, WireValue {
    init(raw: Huddle__V1__Revocations) throws(InvalidValue) {
        self.init(
            certificates: try messages(raw.certificates, raw.n_certificates, "certificates"))
    }

    func fill(_ raw: inout Huddle__V1__Revocations, _ arena: inout Arena) {
        (raw.n_certificates, raw.certificates) = arena.messages(certificates)
    }
}

extension RevokedCertificate: WireMessage, WireValue {
    init(raw: Huddle__V1__RevokedCertificate) throws(InvalidValue) {
        self.init(
            serial: octets(raw.serial), notAfter: try Instant(raw.not_after, "notAfter"))
    }

    func fill(_ raw: inout Huddle__V1__RevokedCertificate, _ arena: inout Arena) {
        raw.serial = arena.bytes(serial)
        raw.not_after = notAfter.wire
    }
}
