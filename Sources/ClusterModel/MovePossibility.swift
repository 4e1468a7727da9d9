extension MoveMode {
    /// The modes in which an instance of `workload` can go from `source` to `target`, least
    /// interruption first.
    ///
    /// This is a fact about the two hosts and about what the move engine can carry out, not a rule:
    /// what the spec accepts of it (`move.allow`) is judged by those who read it.
    package static func possible(
        for workload: Workload, from source: Host, to target: Host, _ refusals: CheckpointRefusals
    ) -> [MoveMode] {
        guard source.id != target.id else { return [] }
        let live = LiveMoveObstacle.between(source, target, for: workload, refusals) == nil
        let relocate = RelocateObstacle.between(source, target, for: workload) == nil
        return (live ? [.live] : []) + (relocate ? [.relocate] : []) + [.restart]
    }
}

/// Why an instance cannot go from one host to another while it runs.
package enum LiveMoveObstacle: Hashable, Sendable {
    /// A host lacks what a live move of this kind needs; the reason is the probe's.
    case lacks(HostID, Capability.Name, reason: String)
    /// The two hosts execute guests in different ways, and neither takes over the other's state.
    case acceleration(source: String, target: String)
    case architecture(source: String, target: String)
    /// What writes the state at the source is newer than what has to read it at the target.
    case older(Capability.Name, source: String, target: String)
    /// The target's processor lacks features that the instance may be using.
    case features(missing: [String])
    /// CRIU was asked for it before, and would not.
    case refused(CheckpointRefusal)

    /// The first thing in the way; `nil` when a live move is possible.
    ///
    /// An instance under KVM sees the processor of its host, a container sees it always; a translated
    /// guest sees the same processor everywhere.
    package static func between(
        _ source: Host, _ target: Host, for workload: Workload, _ refusals: CheckpointRefusals
    ) -> LiveMoveObstacle? {
        lasting(source, target, for: workload.kind)
            ?? refusals.first(of: workload, from: source, to: target).map { .refused($0) }
    }

    /// What is in the way of every workload of `kind`.
    private static func lasting(
        _ source: Host, _ target: Host, for kind: Workload.Kind
    ) -> LiveMoveObstacle? {
        let needed: [Capability.Name] =
            switch kind {
            case .vm: [.qemu, .network]
            case .container: [.podman, .checkpoint, .network]
            }
        for host in [source, target] {
            for name in needed {
                if let lack = lack(of: name, on: host) { return lack }
            }
        }
        for name in needed where name == .qemu || name == .checkpoint {
            if let step = stepDown(of: name, from: source, to: target) { return step }
        }
        guard source.capacity.architecture == target.capacity.architecture else {
            return .architecture(
                source: source.capacity.architecture, target: target.capacity.architecture)
        }
        if kind == .vm {
            let ways = [source, target].map { host in
                host.capacity.capability(.kvm)?.available == true ? "kvm" : "tcg"
            }
            guard ways[0] == ways[1] else { return .acceleration(source: ways[0], target: ways[1]) }
            if ways[0] == "tcg" { return nil }
        }
        let missing = Set(source.capacity.features).subtracting(target.capacity.features)
        return missing.isEmpty ? nil : .features(missing: missing.sorted())
    }

    /// Both QEMU and CRIU read what an older release of theirs wrote, and promise nothing the other way.
    private static func stepDown(
        of name: Capability.Name, from source: Host, to target: Host
    ) -> LiveMoveObstacle? {
        let releases = [source, target].map { $0.capacity.capability(name)?.release }
        guard let from = releases[0], let to = releases[1],
            to.lexicographicallyPrecedes(from)
        else { return nil }
        return .older(
            name, source: from.map(String.init).joined(separator: "."),
            target: to.map(String.init).joined(separator: "."))
    }

    private static func lack(of name: Capability.Name, on host: Host) -> LiveMoveObstacle? {
        guard let found = host.capacity.capability(name) else {
            return .lacks(host.id, name, reason: "not probed")
        }
        return found.available ? nil : .lacks(host.id, name, reason: found.detail)
    }
}

extension LiveMoveObstacle: CustomStringConvertible {
    /// The obstacle as an operator reads it.
    package var description: String {
        switch self {
        case .lacks(let host, let name, let reason): "\(host) has no \(name.rawValue): \(reason)"
        case .acceleration(let source, let target):
            "guests run by \(source) at the source and by \(target) at the target"
        case .architecture(let source, let target): "\(source) and \(target) are not the same"
        case .older(let name, let source, let target):
            "the target's \(name.rawValue) is of release \(target), the source's of \(source)"
        case .features(let missing):
            "the target's processor lacks \(missing.prefix(4).joined(separator: ", "))"
                + (missing.count > 4 ? " and \(missing.count - 4) more" : "")
        case .refused(let refusal): refusal.words
        }
    }
}
