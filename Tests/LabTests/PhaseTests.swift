import Foundation
import Glibc
import Testing

/// A blow to a move from lab-1 to lab-2 as soon as its user is told of a phase.
struct PhaseBlow: Sendable, CustomTestStringConvertible {
    enum Fate: String, CaseIterable, Sendable {
        case targetDies, sourceAgentDies, coordinatorDies

        /// Whose process is killed, as `scripts/lab process` has it.
        var victim: String {
            switch self {
            case .targetDies: "lab-2"
            case .sourceAgentDies: "lab-1:agent"
            case .coordinatorDies: "coordinator"
            }
        }
    }

    enum Kind: String, CaseIterable, Sendable {
        case liveVM, liveContainer, restart
    }

    let kind: Kind
    /// What the user is told when it begins.
    let phase: String
    let fate: Fate

    var testDescription: String { "\(kind) that \(phase): \(fate)" }

    private static let phases = [
        "checks both hosts", "prepares the target", "copies", "switches over", "confirms",
        "releases the source",
    ]

    /// Every phase of every kind with one fate each, so that every fate meets phases early and late; with
    /// HUDDLE_TEST_LONG=1 every phase with every fate.
    static let all = Kind.allCases.enumerated().flatMap { row, kind in
        phases.enumerated().flatMap { column, phase in
            let fates = Fate.allCases
            let chosen = Lab.isLong ? fates : [fates[(row + column) % fates.count]]
            return chosen.map { PhaseBlow(kind: kind, phase: phase, fate: $0) }
        }
    }

    var spec: Spec {
        switch kind {
        case .liveVM:
            var spec = Spec.machine("one")
            spec.more = ["move: {allow: [live], downtime: 300ms}"]
            return spec
        case .liveContainer: return Spec(name: "one", more: ["move: {allow: [live]}"])
        case .restart: return Spec(name: "one", command: Spec.reluctant)
        }
    }
}

extension LabTests {
    @Test(
        "whatever dies in whatever phase of a move, one copy is left", .timeLimit(.minutes(4)),
        arguments: PhaseBlow.all)
    func struckInPhase(_ blow: PhaseBlow) async throws {
        try await cluster.apply(blow.spec, on: "lab-1")
        try await cluster.running("one-0")
        let number = try await Lab.script("process", blow.fate.victim)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let victim = try #require(pid_t(number))
        var migration = Command(
            executable: Lab.program, arguments: ["migrate", "one-0", "--to", "lab-2"],
            limit: .seconds(200))
        migration.trigger = Command.Trigger(text: ": \(blow.phase)") { kill(victim, SIGKILL) }
        async let ended = migration.run()
        if blow.fate == .targetDies {
            try await cluster.must("lab-2 lost", within: .seconds(60)) {
                try await cluster.host("lab-2").state == "lost"
            }
            try await Lab.script("start", "lab-2")
        }
        let end = try await ended
        // The user was told of the phase, so the blow fell.
        #expect(end.errors.contains(": \(blow.phase)"), "\(end)")
        try await cluster.hostsReady()
        try await cluster.noMoveUnderWay()
        let one = try await cluster.running("one-0", within: .seconds(90))[0]
        if blow.fate != .coordinatorDies {
            #expect(one.host == (end.status == 0 ? "lab-2" : "lab-1"), "\(end)")
        }
        try await onlyCopies(["one-0"])
    }
}
