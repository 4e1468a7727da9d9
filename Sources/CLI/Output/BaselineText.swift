import ClusterModel

/// What the processors of the hosts have in common, and what each has beyond that or lacks of it.
struct BaselineText {
    let hosts: [Host]
    private let baseline: Baseline

    init(_ hosts: [Host]) {
        self.hosts = hosts.sorted { $0.id < $1.id }
        baseline = Baseline(of: hosts)
    }

    /// A line for each host that waits to be confirmed: what it lacks, and what can be done.
    var waiting: String {
        hosts.filter { $0.state == .unconfirmed }.map { host in
            "\(host.id) is not confirmed: it would lower \(lowering(host)); "
                + "huddle host confirm \(host.id) lets it take instances\n"
        }.joined()
    }

    /// Such as `the CPU baseline of x86_64 by 2 features (avx2, bmi2)`.
    func lowering(_ host: Host) -> String {
        Baseline.lowering(
            host.capacity.architecture, by: baseline.lacking(in: host.capacity))
    }

    /// A line for each architecture, and one for each host of it that has more or less than all.
    var whole: String {
        baseline.architectures.map { architecture in
            let common = HumanText.count(baseline.features(of: architecture).count, "feature")
            let members = of(architecture).filter(isMember)
            let all = members.count == 1 ? "one host has" : "all \(members.count) hosts have"
            return "\nCPU baseline of \(architecture): "
                + "\(common) that \(all)\n"
                + of(architecture).compactMap(line).joined()
        }.joined()
    }

    private func line(_ host: Host) -> String? {
        words(host).map { "  \(host.id) \($0)\n" }
    }

    /// Such as `has 2 features (amx, avx512f) beyond it`; `nil` where it has just what all have.
    private func words(_ host: Host) -> String? {
        let lacking = baseline.lacking(in: host.capacity)
        let beyond = baseline.beyond(in: host.capacity)
        let parts =
            (lacking.isEmpty ? [] : ["lacks \(Baseline.words(lacking)) of it"])
            + (beyond.isEmpty ? [] : ["has \(Baseline.words(beyond)) beyond it"])
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }

    /// How `host` stands to the baseline; `nil` where nothing is known of any processor like its own.
    func standing(_ host: Host) -> String? {
        guard baseline.architectures.contains(host.capacity.architecture) else { return nil }
        return words(host) ?? "has what all have and no more"
    }

    private func of(_ architecture: String) -> [Host] {
        hosts.filter { $0.capacity.architecture == architecture }
    }

    private func isMember(_ host: Host) -> Bool {
        Baseline.counted(host) != nil
    }

    var data: StructuredValue {
        .list(
            baseline.architectures.map { architecture in
                [
                    "architecture": .text(architecture),
                    "features": .init(list: baseline.features(of: architecture)),
                    "hosts": .list(
                        of(architecture).map { host in
                            [
                                "name": .init(host.id), "counts": .bool(isMember(host)),
                                "lacks": .init(list: baseline.lacking(in: host.capacity)),
                                "beyond": .init(list: baseline.beyond(in: host.capacity)),
                            ]
                        }),
                ]
            })
    }
}
