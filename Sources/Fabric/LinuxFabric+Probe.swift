package import ClusterModel
import Glibc
import Ports

extension LinuxFabric {
    /// Makes every kind of device and rule in a network namespace of its own, which is removed with all in it.
    package func probe() async -> Capability {
        do throws(NetworkFailure) {
            guard try namespace.canForward() else {
                throw NetworkFailure("this host may not forward packets", cause: nil)
            }
            try await toolbox.makeNamespace(scratch)
            let result = await trial()
            try await toolbox.removeNamespace(scratch)
            try result.get()
            let versions = await versions()
            let strangers = await policy.strangers()
            let warning =
                strangers.isEmpty
                ? ""
                : "; \(strangers.joined(separator: ", ")) drops forwarded packets: let "
                    + "\(settings.bridge) and \(settings.hostEnd) pass there"
            return Capability(.network, available: true, detail: versions + warning)
        } catch {
            let cause = error.cause.map { ": \($0)" } ?? ""
            return Capability(.network, available: false, detail: error.message + cause)
        }
    }

    /// One for each process, so that two probes on one machine do not meet.
    private var scratch: String { "\(settings.host ?? "")hudprobe-\(getpid())" }

    private func trial() async -> Result<Void, NetworkFailure> {
        let own = NetworkMap.HostEnd(
            underlay: IPv4Address(bits: 127 << 24 | 1), address: IPv4Address(bits: 10 << 24 | 2))
        let map = NetworkMap(hosts: [host: own])
        let end = HostEndLinks(
            network: map.network, own: own, largestPacket: 1_450, settings: settings)
        let port = Port(.link, own.address)
        let rules = Ruleset(
            end: end, rules: ForwardingRules(map, settings: settings), ports: [port])
        do throws(NetworkFailure) {
            try await toolbox.ip(end.lines(from: Links("")), in: scratch)
            try await toolbox.rules(rules.text, in: scratch)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func versions() async -> String {
        var words: [String] = []
        for command in [["ip", "-V"], ["nft", "--version"]] {
            let text = (try? await toolbox.here(command)) ?? ""
            words.append(text.split(separator: "\n").first.map(String.init) ?? command[0])
        }
        return words.joined(separator: ", ")
    }
}
