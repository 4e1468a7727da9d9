import Foundation
import Glibc
import Testing

/// A blow to a move from lab-1 to lab-2 at any moment after its user gave the command.
struct RandomBlow: Sendable, CustomTestStringConvertible {
    let number: Int
    let kind: PhaseBlow.Kind
    let fate: PhaseBlow.Fate
    let after: Duration

    var testDescription: String {
        "\(number) of seed \(Self.seed): \(kind), \(fate) after \(after)"
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
                fate: PhaseBlow.Fate.allCases.randomElement(using: &random) ?? .targetDies,
                // Moves of these instances take two to eight seconds.
                after: .milliseconds(Int.random(in: 0...8_000, using: &random)))
        }
    }()
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
        "whatever dies at any moment of a move, one copy is left", .timeLimit(.minutes(4)),
        .enabled(if: Lab.isLong, "a hundred moves: HUDDLE_TEST_LONG=1"), arguments: RandomBlow.all)
    func struckAtRandom(_ blow: RandomBlow) async throws {
        print(blow.testDescription)
        try await cluster.apply(blow.kind.spec, on: "lab-1")
        try await cluster.running("one-0")
        let victim = try await blow.fate.victim()
        let migration = Command(
            executable: Lab.program, arguments: ["migrate", "one-0", "--to", "lab-2"],
            limit: .seconds(200))
        async let ended = migration.run()
        // The moment is what is tried, so there is nothing to wait for instead.
        try await Task.sleep(for: blow.after)
        kill(victim, SIGKILL)
        try await restartTarget(after: blow.fate)
        try await oneIsLeft(after: blow.fate, try await ended)
    }
}
