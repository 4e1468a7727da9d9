import Testing

/// The suite itself is tried on a driver that needs nothing.
@Suite struct FakeTests {
    @Test("the fake conforms", .timeLimit(.minutes(1)), arguments: Conformance.allCases)
    func conforms(_ requirement: Conformance) async throws {
        try await requirement.check(FakeBench())
    }
}
