/// What the processors of a cluster's hosts have in common, for each architecture among them.
///
/// What runs under KVM or in a container may use every feature of the host on which it started, so it goes live only
/// to hosts that have those too; what all have in common is what it can count on everywhere.
package struct Baseline: Hashable, Sendable {
    private let common: [String: Set<String>]

    /// What all of `processors` have, by architecture; one that is there twice counts once.
    package init(of processors: some Sequence<Processor>) {
        common = processors.reduce(into: [:]) { common, processor in
            common[processor.architecture] =
                common[processor.architecture]?.intersection(processor.features)
                ?? Set(processor.features)
        }
    }

    /// That of the hosts that are members: those not confirmed yet, or declared dead, and those that report no
    /// features count for nothing.
    package init(of hosts: [Host]) {
        self.init(of: hosts.compactMap(Self.counted))
    }

    /// The processor of `host`, where it counts.
    package static func counted(_ host: Host) -> Processor? {
        guard host.state != .unconfirmed, host.state != .fenced else { return nil }
        return Processor(host.capacity)
    }

    /// In ascending order.
    package var architectures: [String] { common.keys.sorted() }

    /// What all hosts of `architecture` have, in ascending order; empty where there is none.
    package func features(of architecture: String) -> [String] {
        common[architecture]?.sorted() ?? []
    }

    /// What a host with `capacity` has not of what all others of its architecture have, in ascending order.
    package func lacking(in capacity: Capacity) -> [String] {
        (common[capacity.architecture] ?? []).subtracting(capacity.features).sorted()
    }

    /// What a host with `capacity` has and not all others of its architecture, in ascending order.
    package func beyond(in capacity: Capacity) -> [String] {
        Set(capacity.features).subtracting(common[capacity.architecture] ?? []).sorted()
    }

    /// Such as `the cluster's CPU baseline of x86_64 by 2 features (avx2, bmi2)`.
    package static func lowering(_ architecture: String, by features: [String]) -> String {
        "the cluster's CPU baseline of \(architecture) by \(words(features))"
    }

    /// Such as `3 features (avx2, bmi2, fma)`, the first six of them by name.
    package static func words(_ features: [String]) -> String {
        let named = features.prefix(6).joined(separator: ", ")
        let more = features.count > 6 ? " and \(features.count - 6) more" : ""
        return "\(features.count) \(features.count == 1 ? "feature" : "features") (\(named)\(more))"
    }
}
