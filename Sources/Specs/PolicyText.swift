package import ClusterModel

/// Reads settings as `KEY=VALUE` and writes all of them.
package enum PolicyText {
    /// `policy` with every one of `settings` applied, checked as a whole.
    ///
    /// All problems are collected; their field is the key.
    package static func apply(
        _ settings: [String], to policy: Policy
    ) throws(PolicyFailure) -> Policy {
        var changed = policy
        var problems: [InvalidValue] = []
        for setting in settings {
            do {
                try apply(setting, to: &changed)
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw PolicyFailure(problems: problems) }
        do {
            return try changed.validated()
        } catch {
            throw PolicyFailure(problems: [error])
        }
    }

    private static func apply(_ setting: String, to policy: inout Policy) throws(InvalidValue) {
        let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = Self.trimmed(parts[0])
        guard let key = PolicyKey(rawValue: name) else {
            let keys = PolicyKey.allCases.map(\.rawValue)
            throw InvalidValue(
                name, "unknown policy key '\(name)'",
                suggestion: Spelling.advice(for: name, among: keys))
        }
        guard parts.count == 2 else {
            throw InvalidValue(
                name, "has no value",
                suggestion: "write \(name)=\(key.value(in: .standard))")
        }
        do {
            try key.set(Self.trimmed(parts[1]), in: &policy)
        } catch {
            throw InvalidValue(name, error.problem, suggestion: error.suggestion)
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// Every setting, in the order of the documentation.
    package static func settings(of policy: Policy) -> [(key: PolicyKey, value: String)] {
        PolicyKey.allCases.map { ($0, $0.value(in: policy)) }
    }
}

/// Everything wrong with the settings of one command.
package struct PolicyFailure: Error, Hashable, Sendable {
    package let problems: [InvalidValue]

    package init(problems: [InvalidValue]) { self.problems = problems }
}

extension DemandRule {
    /// Reads `reserved`, `p95/10m+10%` or `joint1%/24h+10%`; blanks do not count.
    package init(notation text: String) throws(NotationFailure) {
        let advice =
            "write reserved, p95/10m+10% (percentile, window, margin) "
            + "or joint 1%/24h+10% (chance, window, margin)"
        let compact = text.filter { $0 != " " }
        if compact == "reserved" {
            self = .reserved
            return
        }
        let isJoint = compact.hasPrefix(Self.joint)
        let parts = compact.dropFirst(isJoint ? Self.joint.count : 1)
            .split(separator: "/", omittingEmptySubsequences: false)
        guard isJoint || compact.hasPrefix("p"), parts.count == 2 else {
            throw NotationFailure("'\(text)' is no rule of demand", suggestion: advice)
        }
        let tail = parts[1].split(separator: "+", omittingEmptySubsequences: false)
        guard tail.count <= 2 else {
            throw NotationFailure("'\(text)' is no rule of demand", suggestion: advice)
        }
        let rank = try Share(notation: parts[0] + (isJoint ? "" : "%"))
        let window = try Duration(notation: String(tail[0]))
        let margin = tail.count == 2 ? try Share(notation: String(tail[1])) : .none
        if isJoint {
            self = .joint(JointRule(chance: rank, window: window, margin: margin))
            return
        }
        guard rank > .none, rank <= .whole, window > .zero else {
            throw NotationFailure("'\(text)' names no part of a window", suggestion: advice)
        }
        self = .percentile(rank: rank, window: window, margin: margin)
    }

    /// The notation that reads back to the same value.
    package var notation: String {
        switch self {
        case .reserved: "reserved"
        case .percentile(let rank, let window, let margin):
            "p\(rank.notation.dropLast())/\(window.notation)"
                + (margin == .none ? "" : "+\(margin.notation)")
        case .joint(let rule):
            "\(Self.joint) \(rule.chance.notation)/\(rule.window.notation)"
                + (rule.margin == .none ? "" : "+\(rule.margin.notation)")
        }
    }

    private static let joint = "joint"
}

extension Policy.DomainBudget {
    /// Reads `2 per rack`, a number and the label whose values are the domains.
    package init(notation text: String) throws(NotationFailure) {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 3, words[1] == "per" else {
            throw NotationFailure(
                "'\(text)' is no number of moves per label",
                suggestion: "write 2 per rack, or any")
        }
        self.init(moves: try PolicyKey.count(words[0]), label: words[2])
    }

    /// The notation that reads back to the same value.
    package var notation: String { "\(moves) per \(label)" }
}

extension Policy.Reserve {
    /// Most hosts whose loss can be asked to be survivable.
    private static let mostHosts = 1_000

    /// Reads `standard`, `0`, `1` or `1 host`.
    package init(notation text: String) throws(NotationFailure) {
        if text == "standard" {
            self = .standard
            return
        }
        let words = text.split(separator: " ")
        let isHosts = words.count == 1 || words.count == 2 && ["host", "hosts"].contains(words[1])
        guard isHosts, let hosts = Int(words[0]), (0...Self.mostHosts).contains(hosts) else {
            throw NotationFailure(
                "'\(text)' is no number of hosts",
                suggestion: "write 0, 1 host, or standard (1 host from three hosts on)")
        }
        self = .hosts(hosts)
    }

    /// The notation that reads back to the same value.
    package var notation: String {
        switch self {
        case .standard: "standard"
        case .hosts(0): "0"
        case .hosts(1): "1 host"
        case .hosts(let count): "\(count) hosts"
        }
    }
}
