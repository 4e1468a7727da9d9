package import ClusterModel
import Glibc
import HostIO
package import Ports

extension LinuxFabric {
    package func attach(
        _ instance: InstanceID, address: IPv4Address, owner: UInt32?, held: Bool
    ) async throws(NetworkFailure) -> NetworkAttachment {
        try await turnstile.holding { () async throws(NetworkFailure) in
            // A namespace is the same whatever the host looks like.
            async let namespace = owner == nil ? makeNamespace(of: instance) : .success(())
            let links = try await look()
            try await namespace.get()
            guard let network = network(links), let largest = links[settings.bridge]?.largestPacket
            else {
                try? await removeNamespace(of: instance)
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
            if !isComplete(attachment, links) { try await make(attachment, links) }
            let identity = NetworkIdentity(
                address: address, network: network, largestPacket: largest)
            return owner == nil
                ? .namespace(path: settings.namespacePath(of: instance.rawValue), identity)
                : .tap(name: attachment.port.name, identity)
        }
    }

    package func namespace(of instance: InstanceID) -> String? {
        let path = settings.visiblePath(of: instance.rawValue)
        return HostFile.exists(path) ? path : nil
    }

    package func detach(_ instance: InstanceID) async throws(NetworkFailure) {
        _ = letterboxes.take(of: instance)
        try await turnstile.holding { () async throws(NetworkFailure) in
            let mark = Port.mark(of: instance)
            let links = try await look()
            // Rules that admit it stay until the next repair: they name a port that is no more.
            try await toolbox.ip(
                links.ports.filter { $0.mark == mark }.map { "link del \($0.name)" })
            try await removeNamespace(of: instance)
        }
    }

    private func isComplete(_ attachment: Attachment, _ links: Links) -> Bool {
        let path = settings.namespacePath(of: attachment.instance.rawValue)
        // An instance has one or the other.
        return attachment.isThere(links)
            && HostFile.exists(path) == (attachment.port.kind == .link)
    }

    private func make(_ attachment: Attachment, _ links: Links) async throws(NetworkFailure) {
        // Rules go by the port's name, so they need not wait for it.
        async let admission = admit(attachment.port)
        try await makeDevices(attachment, links)
        try await admission.get()
        try await toolbox.ip(attachment.joining)
    }

    private func admit(_ port: Port) async -> Result<Void, NetworkFailure> {
        do throws(NetworkFailure) {
            try await toolbox.rules(Ruleset.admitting(port))
            return .success(())
        } catch {
            // Somebody has taken the tables away: the next apply has to look.
            memory.forget()
            return .failure(error)
        }
    }

    private func makeDevices(
        _ attachment: Attachment, _ links: Links
    ) async throws(NetworkFailure) {
        let instance = attachment.instance
        switch attachment.port.kind {
        case .tap:
            try await removeNamespace(of: instance)
            try await toolbox.ip(attachment.making(links))
        case .link:
            try await toolbox.ip(attachment.making(links))
            let host = settings.host ?? "\(getpid())"
            let name = settings.namespace(of: instance.rawValue)
            try await toolbox.ip(attachment.inside(host: host), in: name)
        }
    }

    private func makeNamespace(of instance: InstanceID) async -> Result<Void, NetworkFailure> {
        guard !HostFile.exists(settings.namespacePath(of: instance.rawValue)) else {
            return .success(())
        }
        do throws(NetworkFailure) {
            try await toolbox.makeNamespace(settings.namespace(of: instance.rawValue))
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func removeNamespace(of instance: InstanceID) async throws(NetworkFailure) {
        guard HostFile.exists(settings.namespacePath(of: instance.rawValue)) else { return }
        try await toolbox.removeNamespace(settings.namespace(of: instance.rawValue))
    }

    /// The network that this host is on, as its own end says: a new process knows it without a map.
    func network(_ links: Links) -> ClusterNetwork? {
        guard let own = links.addresses[settings.hostEnd]?.first?.split(separator: "/"),
            own.count == 2, let address = IPv4Address(String(own[0])), let prefix = Int(own[1])
        else { return nil }
        return ClusterNetwork(of: address, prefix: prefix)
    }
}
