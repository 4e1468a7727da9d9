import ClusterModel
import Specs
import Wire

extension Shell {
    /// The instances that `name` means: the instance of that name, or all of the workload of that
    /// name.
    func instances(
        named name: String, _ access: ClusterAccess
    ) async throws(CommandFailure) -> [InstanceSummary] {
        let all = try await call("list the instances", access.listInstances, ListRequest())
            .instances
        if let exact = all.first(where: { $0.instance.id.rawValue == name }) { return [exact] }
        let ofWorkload = all.filter { $0.instance.workload.rawValue == name && !$0.orphan }
        guard ofWorkload.isEmpty else { return ofWorkload }
        let names = all.flatMap { [$0.instance.workload.rawValue, $0.instance.id.rawValue] }
        throw Self.unknown("workload or instance", name, among: names)
    }

    /// The one instance that `name` means.
    func instance(
        named name: String, _ access: ClusterAccess
    ) async throws(CommandFailure) -> InstanceSummary {
        let found = try await instances(named: name, access)
        guard let first = found.first, found.count == 1 else {
            let names = found.map(\.instance.id.rawValue)
            throw CommandFailure(
                "'\(name)' is not one instance", why: "it has \(found.count) instances",
                try: "name one of: \(names.joined(separator: ", "))", .usage)
        }
        return first
    }

    /// A name that nothing has, with the nearest that something has.
    static func unknown(_ noun: String, _ name: String, among names: [String]) -> CommandFailure {
        let nearest = Spelling.nearest(to: name, among: names)
        return CommandFailure(
            "there is no \(noun) '\(name)'",
            why: names.isEmpty ? "there is none at all yet" : "nothing of this name is known",
            try: nearest.map { "did you mean '\($0)'?" }
                ?? "huddle get shows the workloads, huddle hosts the hosts",
            .notFound)
    }

    /// The host of this name.
    func host(
        named name: String, _ access: ClusterAccess
    ) async throws(CommandFailure) -> HostSummary {
        let hosts = try await call("list the hosts", access.listHosts, ListRequest()).hosts
        guard let host = hosts.first(where: { $0.host.id.rawValue == name }) else {
            throw Self.unknown("host", name, among: hosts.map(\.host.id.rawValue))
        }
        return host
    }

    /// Has the cluster change one host, which `name` means, and tells what came of it.
    func change(
        host name: String, _ what: String, done: String,
        by method: (ClusterAccess) -> ClusterAccess.Call<HostRequest, ChangeReply>
    ) async throws(CommandFailure) -> ExitStatus {
        let access = try await connect()
        let id = try await host(named: name, access).host.id
        tell(try await call(what, method(access), HostRequest(host: id)), done: done)
        await access.close()
        return .done
    }
}
