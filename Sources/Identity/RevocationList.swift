package import ClusterModel

/// The certificates that are refused though they have not expired.
///
/// Its length is bounded by pruning: a serial needs to be here only until its certificate expires.
package struct RevocationList: Hashable, Sendable {
    /// Serial numbers with the end of their certificates.
    private var ends: [SerialNumber: Instant]

    /// A list with nothing on it.
    package static let empty = RevocationList([])

    /// One certificate that is refused.
    package struct Entry: Hashable, Sendable {
        /// The certificate that is refused.
        package let serial: SerialNumber
        /// End of the certificate; from then on the entry says nothing new.
        package let notAfter: Instant

        /// An entry for one certificate.
        package init(serial: SerialNumber, notAfter: Instant) {
            self.serial = serial
            self.notAfter = notAfter
        }

        /// Whether it need not be remembered any more; the day of grace is for clocks that disagree.
        package func hasSurelyExpired(at now: Instant) -> Bool {
            notAfter.advanced(by: .seconds(86_400)) <= now
        }
    }

    /// A list of `entries`; of two with one serial the later end counts.
    package init(_ entries: [Entry]) {
        ends = [:]
        for entry in entries { revoke(entry) }
    }

    /// Everything on the list, in ascending order of serials.
    package var entries: [Entry] {
        ends.sorted { $0.key < $1.key }.map { Entry(serial: $0.key, notAfter: $0.value) }
    }

    /// Whether the certificate is refused.
    package func contains(_ serial: SerialNumber) -> Bool { ends[serial] != nil }

    /// Refuses a certificate from now on; doing it twice changes nothing.
    package mutating func revoke(_ entry: Entry) {
        ends[entry.serial] = max(ends[entry.serial] ?? entry.notAfter, entry.notAfter)
    }

    /// Drops what has expired anyway, and tells what that was.
    @discardableResult
    package mutating func prune(at now: Instant) -> [Entry] {
        let expired = entries.filter { $0.hasSurelyExpired(at: now) }
        for entry in expired { ends[entry.serial] = nil }
        return expired
    }

    /// Refuses a peer whose certificate is on the list; asked at every call.
    package func check(_ peer: PeerIdentity) throws(IdentityRefusal) {
        if contains(peer.serial) { throw .revoked(peer.serial) }
    }
}
