import ClusterModel
import Wire

/// Waits until what an apply started runs, and says at once when it never will.
struct InstanceWait {
    let shell: Shell
    let changes: ApplyReply
    /// Generations before the change; what is replaced has to have a newer one.
    let before: [InstanceID: Generation]

    /// Longest wait when the user says nothing.
    static let standardTimeout = Duration.seconds(300)
    private static let pause = Duration.milliseconds(200)

    static func generations(
        _ shell: Shell, _ access: ClusterAccess
    ) async throws(CommandFailure) -> [InstanceID: Generation] {
        let all = try await shell.call("list the instances", access.listInstances, ListRequest())
        let pairs = all.instances.map { ($0.instance.id, $0.instance.generation) }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    func run(_ workloads: [Workload], _ access: ClusterAccess) async throws(CommandFailure) {
        let deadline = shell.surroundings.now()
            .advanced(by: shell.options.timeout ?? Self.standardTimeout)
        let pending = Set(changes.pending.map(\.instance))
        let replaced = Set(changes.changes.flatMap(\.replaces))
        var wanted = Set(workloads.flatMap(\.instances)).subtracting(pending)
        var told: [InstanceID: String] = [:]
        while true {
            let all = try await shell.call(
                "list the instances", access.listInstances, ListRequest())
            let views = all.instances.filter { wanted.contains($0.instance.id) }.map(\.instance)
            for view in views.sorted(by: { $0.id < $1.id }) {
                tell(view, &told)
                let isNew =
                    !replaced.contains(view.id)
                    || before[view.id].map { view.generation > $0 } ?? true
                guard isNew else { continue }
                if view.observed == .running { wanted.remove(view.id) }
                if case .failed(let reason) = view.observed {
                    throw CommandFailure(
                        "\(view.id) failed", why: reason,
                        try: "huddle logs \(view.id), huddle events")
                }
            }
            if wanted.isEmpty { return }
            guard shell.surroundings.now() < deadline else { break }
            await shell.surroundings.sleep(Self.pause)
        }
        let names = wanted.sorted().map { "\($0) is \(told[$0] ?? "not known")" }
        throw CommandFailure(
            "accepted, and the time to wait is over", why: names,
            remedy: "it goes on by itself: huddle get instances, huddle events", status: .timedOut)
    }

    private func tell(_ view: Instance, _ told: inout [InstanceID: String]) {
        let host = view.host.map { " on \($0)" } ?? ""
        let reason = view.observed.reason.map { ": \($0)" } ?? ""
        let words = "\(view.observed.word)\(host)\(reason)"
        if told[view.id] != words { shell.notice("\(view.id): \(words)") }
        told[view.id] = words
    }
}
