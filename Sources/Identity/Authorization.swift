package import ClusterModel

/// The pure function (role, host, method) → allowed.
package enum Authorization {
    /// Whether `caller` may call `method`, and if not, why.
    /// - Parameters:
    ///   - caller: who is at the other end; `nil` without a certificate.
    ///   - method: full path, such as `/huddle.v1.Cluster/Apply`.
    ///   - host: the host that the message speaks of; `nil` before a message was read, or when it
    ///     names none. Ask again with it as soon as it is known.
    package static func check(
        _ caller: PeerIdentity?, calls method: String, about host: HostID? = nil
    ) throws(AuthorizationRefusal) {
        guard let requirement = MethodTable.requirements[method] else {
            throw .unknownMethod(method)
        }
        if requirement == .anyone { return }
        guard let caller else { throw .noCertificate(method: method) }
        switch requirement {
        case .anyone, .anyMember: return
        case .ownAgent:
            guard caller.role == .agent else { throw .notAgent(caller.role, method: method) }
            if let host, host != caller.host {
                throw .foreignHost(spokenOf: host, own: HostID(caller.name))
            }
        case .anyAgent:
            guard caller.role == .agent else { throw .notAgent(caller.role, method: method) }
        case .user(let needed):
            guard let rank = caller.role.userRank, let least = needed.userRank, rank >= least else {
                throw .role(caller.role, needed: needed, method: method)
            }
        }
    }

    /// Whether `check` accepts.
    package static func allows(
        _ caller: PeerIdentity?, method: String, about host: HostID? = nil
    ) -> Bool {
        do {
            try check(caller, calls: method, about: host)
            return true
        } catch {
            return false
        }
    }
}

/// Why a caller may not do what it asked for.
package enum AuthorizationRefusal: Error, Hashable, Sendable {
    case unknownMethod(String)
    case noCertificate(method: String)
    case role(Role, needed: Role, method: String)
    case notAgent(Role, method: String)
    /// An agent that speaks of another host than its own.
    case foreignHost(spokenOf: HostID, own: HostID)
}

extension AuthorizationRefusal: CustomStringConvertible {
    /// The refusal as an operator reads it, without a final full stop.
    package var description: String {
        switch self {
        case .unknownMethod(let method): "there is no method \(method)"
        case .noCertificate(let method): "\(method) needs a client certificate"
        case .role(let found, let needed, let method):
            "\(method) needs role \(needed.rawValue), the caller is \(found.rawValue)"
        case .notAgent(let found, let method):
            "\(method) is for agents, the caller is \(found.rawValue)"
        case .foreignHost(let spokenOf, let own):
            "the agent of \(own) spoke of host \(spokenOf)"
        }
    }
}
