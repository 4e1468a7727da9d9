import ClusterModel

/// Why a host cannot have an instance, in words and by how much.
enum MisfitText {
    static func words(_ misfit: Misfit) -> String {
        switch misfit {
        case .cpu(let short): "CPU short by \(HumanText.cpu(short))"
        case .memory(let short): "memory short by \(HumanText.bytes(short))"
        case .disk(let short): "disk short by \(HumanText.bytes(short))"
        case .network(let short): "network short by \(HumanText.rate(short))"
        case .scalar(let name, let short):
            "\(name) short by \(HumanText.cpu(CPU(millicores: short)))"
        case .hostState(.unconfirmed): "not confirmed: it would lower the CPU baseline"
        case .hostState(let state): "the host is \(state.rawValue)"
        case .driver(let kind, let reason):
            "cannot run a \(kind.rawValue)\(reason.isEmpty ? "" : ": \(reason)")"
        case .architecture(let needed, let found): "architecture is \(found), needs \(needed)"
        case .need(let label): "lacks the label \(label.name)=\(label.value)"
        case .avoid(let label): "has the label \(label.name)=\(label.value) that it avoids"
        case .taint(let label):
            "has the taint \(label.name)=\(label.value) that it does not tolerate"
        case .apart(let other): "\(other) is there, and they must be apart"
        case .together(let other): "\(other) is elsewhere, and they must be together"
        case .spread(let domain, let over):
            "\(domain.name)=\(domain.value) already holds its share of \(over)"
        case .move(let refusal): words(refusal)
        case .resting(let until): "moved too short a time ago, rests until \(HumanText.time(until))"
        case .reserve(let short):
            "the reserve for the loss of a host would lack \(HumanText.resources(short))"
        case .undone(let until):
            "was moved there and did worse, not tried again until \(HumanText.time(until))"
        case .files(let host): "its files are on \(host), where it was stopped to make room"
        }
    }

    /// What has room in a table beside the reason why it would not come live, which is the rest of it.
    static func cell(_ misfit: Misfit) -> String {
        if case .move(.unwritable) = misfit { rule(misfit) } else { words(misfit) }
    }

    /// The rule alone, without amounts, for a count of hosts.
    static func rule(_ misfit: Misfit) -> String {
        switch misfit {
        case .cpu: "CPU short"
        case .memory: "memory short"
        case .disk: "disk short"
        case .network: "network short"
        case .scalar(let name, _): "\(name) short"
        case .apart: "must be apart from what is there"
        case .together: "must be together with what is elsewhere"
        case .spread: "its failure domain holds enough of it"
        case .resting: "moved too short a time ago"
        case .reserve: "the reserve would be gone"
        case .undone: "was moved there and did worse"
        case .files: "its files are on another host"
        case .move(.unwritable): "CRIU refused its program"
        case .hostState, .driver, .architecture, .need, .avoid, .taint, .move: words(misfit)
        }
    }

    private static func words(_ refusal: MoveRefusal) -> String {
        switch refusal {
        // What was asked for is possible, but not without the spec's word.
        case .notAllowed(let allowed, let possible)
        where possible.contains { $0.overlaps && !allowed.contains($0) }
            && possible.contains(where: allowed.contains):
            "its spec allows \(list(allowed)) moves, and only a spec can allow one with two copies"
        case .notAllowed(let allowed, let possible):
            "its spec allows \(list(allowed)) moves, and between these hosts "
                + "\(possible.isEmpty ? "none is" : "only \(list(possible)) is") possible"
        case .unwritable(let refusal): refusal.words
        case .notRunning: "it is not running, so there is nothing to move"
        case .underway: "another move of it is under way"
        case .budget: "the hosts already take part in as many moves as the policy allows"
        }
    }

    private static func list(_ modes: [MoveMode]) -> String {
        modes.isEmpty ? "no" : modes.map(\.rawValue).joined(separator: " and ")
    }
}
