package import ClusterModel
import HostIO
package import Ports

extension LinuxFabric {
    package func attach(
        _ instance: InstanceID, address: IPv4Address, owner: UInt32?, held: Bool
    ) async throws(NetworkFailure) -> NetworkAttachment {
        try await turnstile.holding { () async throws(NetworkFailure) in
            let links = try await look()
            guard let network = network(links), let largest = links[settings.bridge]?.largestPacket
            else {
                throw NetworkFailure(
                    "\(instance) cannot be attached: this host has no network map yet")
            }
            guard network.contains(address) else {
                throw NetworkFailure(
                    "\(instance) cannot have \(address), which is not in \(network)")
            }
            let attachment = Attachment(
                instance, address, owner: owner, network: network, largestPacket: largest,
                settings: settings, held: held)
            try await make(attachment, links)
            let identity = NetworkIdentity(
                address: address, network: network, largestPacket: largest)
            return owner == nil
                ? .namespace(path: settings.namespacePath(of: instance.rawValue), identity)
                : .tap(name: attachment.port.name, identity)
        }
    }

    package func detach(_ instance: InstanceID) async throws(NetworkFailure) {
        try await turnstile.holding { () async throws(NetworkFailure) in
            let mark = Port.mark(of: instance)
            let links = try await look()
            // Rules that admit it stay until the next repair: they name a port that is no more.
            try await toolbox.ip(
                links.ports.filter { $0.mark == mark }.map { "link del \($0.name)" })
            try await removeNamespace(of: instance)
        }
    }

    private func make(_ attachment: Attachment, _ links: Links) async throws(NetworkFailure) {
        let instance = attachment.instance
        let path = settings.namespacePath(of: instance.rawValue)
        let name = settings.namespace(of: instance.rawValue)
        switch attachment.port.kind {
        case .tap:
            try await removeNamespace(of: instance)
            guard !attachment.isThere(links) else { return }
            try await toolbox.ip(attachment.making(links))
        case .link:
            guard !attachment.isThere(links) || !HostFile.exists(path) else { return }
            if !HostFile.exists(path) { try await toolbox.makeNamespace(name) }
            try await toolbox.ip(attachment.making(links))
            try await toolbox.ip(attachment.inside, in: name)
        }
        do throws(NetworkFailure) {
            try await toolbox.rules(Ruleset.admitting(attachment.port))
        } catch {
            // Somebody has taken the tables away: the next apply has to look.
            memory.forget()
            throw error
        }
        try await toolbox.ip(attachment.joining)
    }

    private func removeNamespace(of instance: InstanceID) async throws(NetworkFailure) {
        guard HostFile.exists(settings.namespacePath(of: instance.rawValue)) else { return }
        try await toolbox.removeNamespace(settings.namespace(of: instance.rawValue))
    }

    /// The network that this host is on, as its own end says: a new process knows it without a map.
    private func network(_ links: Links) -> ClusterNetwork? {
        guard let own = links.addresses[settings.hostEnd]?.first?.split(separator: "/"),
            own.count == 2, let address = IPv4Address(String(own[0])), let prefix = Int(own[1])
        else { return nil }
        return ClusterNetwork(of: address, prefix: prefix)
    }
}
