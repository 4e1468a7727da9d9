import Foundation
import Glibc
import Synchronization
import Testing

/// A blow to a move from lab-1 to lab-2 at any moment of it.
struct RandomBlow: Sendable, CustomTestStringConvertible {
    let number: Int
    let kind: PhaseBlow.Kind
    let fate: Fate
    /// Of what such a move takes where nothing happens to it.
    let part: Double

    enum Fate: Hashable, Sendable {
        case inPhase(PhaseBlow.Fate)
        /// The instance's process at the target, if there is one by then.
        case targetProcessDies
        case podmanDies(String)
        case isCut(String)

        static let all =
            PhaseBlow.Fate.allCases.map { Self.inPhase($0) } + [
                .targetProcessDies, .podmanDies("lab-1"), .podmanDies("lab-2"), .isCut("lab-1"),
                .isCut("lab-2"),
            ]
    }

    var testDescription: String {
        "\(number) of seed \(Self.seed): \(kind), \(fate) after \(Int(part * 100)) %"
    }

    /// `HUDDLE_SEED=17` has the same hundred again.
    static let seed =
        Lab.variable("HUDDLE_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)

    static let all: [RandomBlow] = {
        var random = SeededRandom(seed: seed)
        return (1...100).map { number in
            RandomBlow(
                number: number,
                kind: PhaseBlow.Kind.allCases.randomElement(using: &random) ?? .restart,
                fate: Fate.all.randomElement(using: &random) ?? .targetProcessDies,
                part: Double.random(in: 0...1, using: &random))
        }
    }()

    /// What moves took that nothing happened to, and how many blows fell before the end of their move.
    static let seen = Mutex((lengths: [PhaseBlow.Kind: Duration](), inTime: 0))
}

/// Numbers that follow from a seed.
///
/// Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled" (xorshift64*).
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

extension LabTests {
    @Test(
        "whatever dies at any moment of a move, one copy is left", .timeLimit(.minutes(5)),
        .enabled(if: Lab.isLong, "a hundred moves: HUDDLE_TEST_LONG=1"), arguments: RandomBlow.all)
    func struckAtRandom(_ blow: RandomBlow) async throws {
        let length = try await length(of: blow.kind)
        try await cluster.apply(blow.kind.spec, on: "lab-1")
        try await cluster.running("one-0")
        let victim = try await victim(of: blow.fate)
        let isOver = Atomic(false)
        let moving = Task { () -> Command.Ended in
            defer { isOver.store(true, ordering: .relaxed) }
            return try await migration.run()
        }
        // The moment is what is tried, so there is nothing to wait for instead.
        try await Task.sleep(for: length * blow.part)
        let inTime = !isOver.load(ordering: .relaxed)
        print("\(blow.testDescription) of \(length)\(inTime ? "" : ", too late")")
        try await strike(blow.fate, victim)
        // A move whose source has stopped, and whose target may run it, waits for it.
        if blow.fate == .inPhase(.targetDies) { try await restartTarget() }
        let end = try await moving.value
        try await oneIsLeft(end, isTold: blow.fate != .inPhase(.coordinatorDies))
        let all = RandomBlow.seen.withLock {
            $0.inTime += inTime ? 1 : 0
            return $0.inTime
        }
        // Moves are not all as long as the first of their kind; most have to be hit.
        if blow.number == RandomBlow.all.last?.number { #expect(all > 75, "\(all) of 100") }
    }

    private var migration: Command {
        Command(
            executable: Lab.program, arguments: ["migrate", "one-0", "--to", "lab-2"],
            limit: .seconds(200))
    }

    /// How long such a move takes, from its command; by one that nothing happens to.
    private func length(of kind: PhaseBlow.Kind) async throws -> Duration {
        if let known = RandomBlow.seen.withLock({ $0.lengths[kind] }) { return known }
        try await cluster.apply(kind.spec, on: "lab-1")
        try await cluster.running("one-0")
        let begun = ContinuousClock.now
        let end = try await migration.run()
        let length = ContinuousClock.now - begun
        #expect(end.status == 0, "\(end)")
        try await cluster.sweep()
        RandomBlow.seen.withLock { $0.lengths[kind] = length }
        return length
    }

    /// Looked up before, where that is possible: a moment passes with it.
    private func victim(of fate: RandomBlow.Fate) async throws -> pid_t? {
        switch fate {
        case .inPhase(let fate): try await fate.victim()
        case .podmanDies(let host): try await podman(of: host)
        case .targetProcessDies, .isCut: nil
        }
    }

    /// The host's Podman service, by its number on this machine.
    private func podman(of host: String) async throws -> pid_t {
        let number = try await Lab.inside(host, "cat /run/huddle/podman.pid")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let inside = try #require(Int(number))
        return try #require(
            LabProcess.find(inside, in: try await PhaseBlow.Fate.process(host)))
    }

    private func strike(_ fate: RandomBlow.Fate, _ victim: pid_t?) async throws {
        switch fate {
        case .targetProcessDies:
            try await Lab.inside(
                "lab-2",
                """
                pkill -KILL --full '^/usr/bin/qemu-system.* -name '
                podman ps --quiet --filter label=io.huddle.instance |
                    xargs --no-run-if-empty podman kill --signal KILL > /dev/null
                true
                """)
        case .isCut(let host): try await cut(host)
        case .inPhase, .podmanDies: if let victim { kill(victim, SIGKILL) }
        }
    }

    /// For longer than it takes to be called silent, and shorter than to be lost.
    private func cut(_ host: String) async throws {
        try await Lab.script("cut", host)
        try await Task.sleep(for: .seconds(20))
        try await Lab.script("heal", host)
    }
}
