import Foundation
import Glibc
import Testing

/// A blow to a move from lab-1 to lab-2 as soon as its user is told of a phase.
struct PhaseBlow: Sendable, CustomTestStringConvertible {
    enum Fate: String, CaseIterable, Sendable {
        case targetDies, sourceAgentDies, coordinatorDies, targetAgentDies
        /// The instance's own process at the source: QEMU, or the container's first.
        case sourceProcessDies

        /// Those that there is always time for.
        static let sampled: [Self] = [.targetDies, .sourceAgentDies, .coordinatorDies]

        /// The process that is killed, by its number on this machine.
        func victim() async throws -> pid_t {
            switch self {
            case .targetDies: try await Self.process("lab-2")
            case .sourceAgentDies: try await Self.process("lab-1:agent")
            case .targetAgentDies: try await Self.process("lab-2:agent")
            case .coordinatorDies: try await Self.process("coordinator")
            case .sourceProcessDies: try await Self.processOfInstance(on: "lab-1")
            }
        }

        static func process(_ name: String) async throws -> pid_t {
            let number = try await Lab.script("process", name)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            return try #require(pid_t(number))
        }

        private static func processOfInstance(on host: String) async throws -> pid_t {
            let copy = try await RealCopies.on(host).first { $0.state == "running" }
            let inside = try #require(copy?.process)
            let found = LabProcess.find(inside, in: try await process(host))
            return try #require(found, "\(host) has no process \(inside)")
        }
    }

    enum Kind: String, CaseIterable, Sendable {
        case liveVM, liveContainer, restart, relocation
        case liveVMWithDisk, liveContainerWithVolume, restartOfVM

        /// Those that there is always time for.
        static let sampled: [Self] = [.liveVM, .liveContainer, .restart]
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
    static let all = (Lab.isLong ? Kind.allCases : Kind.sampled).enumerated().flatMap { row, kind in
        phases.enumerated().flatMap { column, phase in
            let sampled = Fate.sampled
            let chosen = Lab.isLong ? Fate.allCases : [sampled[(row + column) % sampled.count]]
            return chosen.map { PhaseBlow(kind: kind, phase: phase, fate: $0) }
        }
    }

    var spec: Spec { kind.spec }
}

extension PhaseBlow.Kind {
    var spec: Spec {
        switch self {
        case .liveVM:
            var spec = Spec.machine("one")
            spec.more = ["move: {allow: [live], downtime: 300ms}"]
            return spec
        case .liveContainer: return Spec(name: "one", more: ["move: {allow: [live]}"])
        case .restart: return Spec(name: "one", command: Spec.reluctant)
        case .relocation: return Spec(name: "one", more: ["move: {allow: [relocate]}"])
        case .liveVMWithDisk:
            var spec = Self.liveVM.spec
            spec.more.append("disks: [64MiB]")
            return spec
        case .liveContainerWithVolume:
            var spec = Self.liveContainer.spec
            spec.more.append("volumes: [{name: data, path: /data}]")
            return spec
        case .restartOfVM:
            var spec = Self.liveVM.spec
            spec.more = ["move: {allow: [restart]}", "disks: [64MiB]"]
            return spec
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
        let victim = try await blow.fate.victim()
        var migration = Command(
            executable: Lab.program, arguments: ["migrate", "one-0", "--to", "lab-2"],
            limit: .seconds(200))
        migration.trigger = Command.Trigger(text: ": \(blow.phase)") { kill(victim, SIGKILL) }
        async let ended = migration.run()
        if blow.fate == .targetDies { try await restartTarget() }
        let end = try await ended
        // The user was told of the phase, so the blow fell.
        #expect(end.errors.contains(": \(blow.phase)"), "\(end)")
        try await oneIsLeft(end, isTold: blow.fate != .coordinatorDies)
    }

    /// What dies is started again by the lab, but for a whole host.
    func restartTarget() async throws {
        try await cluster.must("lab-2 lost", within: .seconds(60)) {
            try await cluster.host("lab-2").state == "lost"
        }
        try await Lab.script("start", "lab-2")
    }

    /// It runs where the end of its move says, and nothing else of it is left.
    ///
    /// - Parameter isTold: whether who gave the command heard of the end; not where the coordinator died meanwhile.
    func oneIsLeft(_ end: Command.Ended, isTold: Bool) async throws {
        try await cluster.hostsReady()
        try await cluster.noMoveUnderWay()
        let one = try await cluster.running("one-0", within: .seconds(90))[0]
        if isTold { #expect(one.host == (end.status == 0 ? "lab-2" : "lab-1"), "\(end)") }
        try await onlyCopies(["one-0"])
        try await cluster.must("nothing of it is left elsewhere") {
            try await HostTraces.all(on: Lab.hosts.filter { $0 != one.host }).isEmpty
        }
        // Where it is there are some, so that they are looked for at all.
        #expect(try await !HostTraces.all(on: Lab.hosts.filter { $0 == one.host }).isEmpty)
    }
}
