package import ClusterModel
import Glibc
import HostIO
package import Ports

/// The cluster's network on a Linux host: a bridge, a VXLAN device, and rules of nftables.
///
/// The host is the truth. What is remembered between calls only saves reading it again, and is forgotten
/// after any failure; a map that is applied a second time is compared with what is really there.
package struct LinuxFabric: HostNetwork {
    let host: HostID
    let settings: FabricSettings
    let toolbox: Toolbox
    let namespace: NetworkNamespace
    let policy: ForwardPolicy
    /// One change of the host's devices and rules at a time.
    let turnstile = Turnstile()
    let memory = Memory()
    let letterboxes = Letterboxes()

    package init(host: HostID, settings: FabricSettings = FabricSettings()) {
        self.host = host
        self.settings = settings
        toolbox = Toolbox(host: settings.host, mounts: settings.mounts)
        namespace = NetworkNamespace(name: settings.host)
        policy = ForwardPolicy(toolbox: toolbox, settings: settings)
    }

    package func apply(_ map: NetworkMap) async throws(NetworkFailure) {
        let wanted = try HostView(map, at: host, settings: settings)
        try await turnstile.holding { () async throws(NetworkFailure) in
            if await advance(to: wanted, of: map) { return }
            try await repair(wanted, of: map)
        }
    }

    /// Makes the differences to what was applied last; `false` where that does not do, also for the very same map.
    private func advance(to wanted: HostView, of map: NetworkMap) async -> Bool {
        guard let old = memory.take(), old.map != map,
            let changes = wanted.changes(from: old.view),
            let index = try? namespace.index(of: settings.overlay), index == old.overlayIndex
        else { return false }
        do throws(NetworkFailure) {
            try await toolbox.bridge(changes.entries)
            try await toolbox.rules(changes.rules)
            if !changes.left.isEmpty {
                let entries = try await toolbox.bridge(["fdb show br \(settings.bridge)"])
                try await toolbox.bridge(wanted.releases(observed: entries, of: changes.left))
            }
        } catch {
            // What is there is not what was remembered: that is for the repair.
            return false
        }
        memory.keep(Memory.Content(map: map, view: wanted, overlayIndex: index))
        return true
    }

    /// Compares everything with what is there.
    private func repair(_ wanted: HostView, of map: NetworkMap) async throws(NetworkFailure) {
        let arrangement = try wanted.arrangement(devices: try await devices())
        try await toolbox.rules(arrangement.rules)
        try await toolbox.ip(arrangement.links)
        try namespace.set(arrangement.end.switches)
        let entries = try await toolbox.bridge(["fdb show br \(settings.bridge)"])
        try await toolbox.bridge(wanted.entries(observed: entries))
        try await policy.open()
        guard let index = try namespace.index(of: settings.overlay) else {
            throw NetworkFailure("\(settings.overlay) is gone again")
        }
        memory.keep(Memory.Content(map: map, view: wanted, overlayIndex: index))
    }

    package func hold(
        _ instance: InstanceID, address: IPv4Address
    ) async throws(NetworkFailure) {
        for kind in Port.Kind.allCases {
            let port = Port(kind, address)
            guard try namespace.index(of: port.name) != nil else { continue }
            try await toolbox.ip(["link set \(port.name) down"])
        }
        _ = letterboxes.take(of: instance)
    }

    package func gather(
        _ instance: InstanceID, address: IPv4Address, isNowhere: Bool
    ) async throws(NetworkFailure) {
        guard try namespace.index(of: Port(.link, address).name) != nil else { return }
        if letterboxes.box(of: instance) == nil {
            let gateway = network(try await look())?.gateway.hardware
            let box = try namespace.entered { () throws(NetworkFailure) in
                try Letterbox(for: address, gateway: gateway)
            }
            letterboxes.put(box, for: instance)
        }
        guard isNowhere, let box = letterboxes.box(of: instance) else { return }
        try namespace.entered { () throws(NetworkFailure) in
            box.settle { admits($0, $1, box.gateway) }
        }
    }

    package func unmute(
        _ instance: InstanceID, address: IPv4Address
    ) async throws(NetworkFailure) {
        let port = Port(.link, address)
        guard try namespace.index(of: port.name) != nil else { return }
        try await toolbox.ip([port.passing(inwards: false), "link set \(port.name) up"])
    }

    package func connect(
        _ instance: InstanceID, address: IPv4Address
    ) async throws(NetworkFailure) {
        for kind in Port.Kind.allCases {
            let port = Port(kind, address)
            guard try namespace.index(of: port.name) != nil else { continue }
            try await toolbox.ip([port.passing(inwards: true), "link set \(port.name) up"])
            // Before the others hear of it: what they send has to find the way here.
            try await lead(address, to: port)
            // Twice, because a datagram between hosts may be lost.
            let frames = Announcement(address: address).frames
            try namespace.send(frames + frames, by: settings.overlay)
            // What came between the device's coming up and now it gets twice; the other order would lose it.
            if let box = letterboxes.take(of: instance) {
                let frames = try? namespace.entered { () throws(NetworkFailure) in
                    box.take { admits($0, $1, box.gateway) }
                }
                // It is connected; its peers would say again what cannot be handed over.
                try? namespace.send(frames ?? [], by: port.name, withOffloads: true)
            }
            return
        }
        throw NetworkFailure("\(instance) is not attached to the network at this host")
    }

    /// Points the bridge at `port` until that goes down or the map has the address elsewhere: what the old end sent may
    /// still be on its way, and would be learned from.
    ///
    /// The bridge takes no such entry for a port that it does not forward to. A pair is ready a moment after it comes up, when
    /// the kernel comes to it; where the instance has its own end down it is not, hears nothing either way, and is learned of
    /// when it speaks again.
    private func lead(_ address: IPv4Address, to port: Port) async throws(NetworkFailure) {
        let deadline = ContinuousClock.now + settings.portPatience
        while try isWaiting(port) {
            guard ContinuousClock.now < deadline else { return }
            do { try await Task.sleep(for: .milliseconds(1)) } catch {
                throw NetworkFailure("\(port.name) was not waited for", cause: "\(error)")
            }
        }
        do throws(NetworkFailure) {
            try await toolbox.bridge([
                "fdb replace \(address.hardware) dev \(port.name) master dynamic sticky"
            ])
        } catch {
            guard try isWaiting(port) else { throw error }
        }
    }

    /// Whether a port that was put up has nothing at its other end yet.
    private func isWaiting(_ port: Port) throws(NetworkFailure) -> Bool {
        switch try namespace.readiness(of: port.name) {
        case .running: return false
        case .waiting: return true
        case .down, nil: throw NetworkFailure("\(port.name) went away again")
        }
    }

    /// Whether the rules would have let a gathered frame come to the bridge at the device that it came by; in the network
    /// namespace of the host.
    private func admits(
        _ device: UInt32, _ frame: [UInt8], _ gateway: HardwareAddress?
    ) -> Bool {
        var buffer = [CChar](repeating: 0, count: 64)
        guard let text = if_indextoname(device, &buffer) else { return false }
        let name = String(cString: text)
        if name == settings.hostPort { return true }
        let sender = FrameSender(frame)
        if name == settings.overlay { return sender?.hardware != gateway }
        guard let port = Port(name: name), let sender else { return false }
        return sender.hardware == port.address.hardware
            && (sender.address == nil || sender.address == port.address)
    }

    /// Takes everything off the host that was put there, what instances are attached by included.
    ///
    /// Only the kernel's forwarding stays on: others may have come to need it.
    package func tearDown() async throws(NetworkFailure) {
        try await turnstile.holding { () async throws(NetworkFailure) in
            memory.forget()
            let links = try await look()
            let own = [settings.overlay, settings.hostEnd, settings.bridge]
            let names = links.ports.map(\.name) + own.filter { links[$0] != nil }
            try await toolbox.ip(names.map { "link del \($0)" })
            for name in (try? HostFile.names(in: "/run/netns")) ?? []
            where name.hasPrefix(settings.namespacePrefix) {
                try await toolbox.removeNamespace(name)
            }
            try await toolbox.rules(Ruleset.removal)
            try await policy.close()
        }
    }

    /// The host's devices and their addresses.
    func look() async throws(NetworkFailure) -> Links { Links(try await devices()) }

    private func devices() async throws(NetworkFailure) -> String {
        try await toolbox.ip(Links.questions, options: ["-o", "-d", "-4"])
    }
}
