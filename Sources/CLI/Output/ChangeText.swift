import ClusterModel
import Wire

/// What an apply changes about one workload.
struct ChangeText {
    let change: WorkloadChange
    let isDryRun: Bool

    func text(colour: Bool) -> String {
        let word =
            isDryRun && change.kind != .none ? "would be \(change.kind.word)" : change.kind.word
        var lines = ["\(change.workload) \(tone.applied(to: word, colour: colour))"]
        lines += change.differences.map { "  \($0)" }
        lines += list("starts", change.starts)
        lines += list("replaces, one at a time,", change.replaces)
        lines += list("removes", change.removes)
        return lines.map { $0 + "\n" }.joined()
    }

    private var tone: Tone {
        switch change.kind {
        case .none: .dim
        case .created: .good
        case .updated, .scaled: .plain
        case .replaced: .warning
        }
    }

    /// More names than this say no more than their number.
    private static let mostNames = 8

    private func list(_ verb: String, _ instances: [InstanceID]) -> [String] {
        guard !instances.isEmpty else { return [] }
        let names = instances.prefix(Self.mostNames).map(\.rawValue).joined(separator: ", ")
        let rest = instances.count - Self.mostNames
        return ["  \(verb) \(names)\(rest > 0 ? " and \(rest) more" : "")"]
    }
}
