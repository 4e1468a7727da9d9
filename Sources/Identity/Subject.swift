package import ClusterModel
import Glibc
import SwiftASN1
import X509

/// Whom a certificate is for.
package enum Subject: Hashable, Sendable {
    /// The agent of a host, which is also a server to other agents under the host's name.
    case agent(HostID)
    /// The coordinator; `addresses` are the DNS names and IP addresses, without ports, it is
    /// reached at.
    case coordinator(name: String, addresses: [String])
    /// A person or program; `role` is viewer, operator or admin.
    case user(name: String, role: Role)

    /// The role that the certificate will carry.
    package var role: Role {
        switch self {
        case .agent: .agent
        case .coordinator: .coordinator
        case .user(_, let role): role
        }
    }

    /// The name that the certificate will carry.
    package var name: String {
        switch self {
        case .agent(let host): host.rawValue
        case .coordinator(let name, _), .user(let name, _): name
        }
    }

    /// How long the certificate lives where nobody says otherwise: 30 days for what renews itself, a
    /// year for users, who do not.
    package var life: Duration {
        switch self {
        case .agent, .coordinator: Renewal.usualLife
        case .user: .seconds(365 * 86_400)
        }
    }

    /// Refuses a name that the certificate's reader would refuse, and a user with a machine's role.
    func check() throws(IdentityRefusal) {
        try checkName(name, of: role)
        switch self {
        case .agent, .coordinator: break
        case .user(let name, let role):
            guard role.userRank != nil else {
                throw .malformedSubject("role \(role.rawValue) is not a user's, asked for \(name)")
            }
        }
    }

    /// The alternative names by which TLS clients other than ours find the server they meant.
    func alternativeNames() throws(IdentityRefusal) -> [GeneralName] {
        switch self {
        case .agent(let host): return [.dnsName(host.rawValue)]
        case .user: return []
        case .coordinator(_, let addresses):
            guard addresses.count <= IdentityLimits.addresses else {
                throw .tooLarge(
                    what: "addresses", count: addresses.count, limit: IdentityLimits.addresses)
            }
            var names: [GeneralName] = []
            for address in addresses { names.append(try alternativeName(address)) }
            return names
        }
    }
}

/// Refuses a name that is no host's or user's.
///
/// Hosts' are DNS labels. Users' may also have capitals, dots, underscores and an at sign, for mail
/// addresses; never blanks or quotes, because names stand in logs.
func checkName(_ name: String, of role: Role) throws(IdentityRefusal) {
    if role == .agent {
        guard HostID.isName(name) else { throw .invalidName(name) }
        return
    }
    let isAccepted = name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "@"):
            true
        default: false
        }
    }
    guard isAccepted, !name.isEmpty, name.utf8.count <= IdentityLimits.nameBytes else {
        throw .invalidName(name)
    }
}

/// A DNS name or an IP address as a certificate has it.
private func alternativeName(_ address: String) throws(IdentityRefusal) -> GeneralName {
    if let octets = addressOctets(address) {
        return .ipAddress(ASN1OctetString(contentBytes: octets[...]))
    }
    let labels = address.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.allSatisfy({ HostID.isName($0.lowercased()) }), address.utf8.count <= 253 else {
        throw .invalidName(address)
    }
    return .dnsName(address)
}

/// The 4 or 16 octets of an IP address; `nil` if it is none.
private func addressOctets(_ address: String) -> [UInt8]? {
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
        var octets = [UInt8](repeating: 0, count: count)
        if inet_pton(family, address, &octets) == 1 { return octets }
    }
    return nil
}

/// The value of the one attribute of a kind in a subject.
func onlyValue(
    of kind: ASN1ObjectIdentifier, in subject: DistinguishedName, called what: String
) throws(IdentityRefusal) -> String {
    let values = subject.flatMap { $0 }.filter { $0.type == kind }
    guard values.count == 1, let value = String(values[0].value) else {
        throw .malformedSubject("\(values.count) readable values of \(what), not 1")
    }
    return value
}
