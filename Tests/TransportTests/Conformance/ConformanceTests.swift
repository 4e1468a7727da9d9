import Testing
import Transport

/// What a peer sees of our server where RFC 9113 and RFC 7541 leave no choice.
///
/// The questions are those of h2spec, asked by frames of our own over a socket; where h2spec takes
/// a closed connection for any error, we want the GOAWAY that names it.
/// - Source: github.com/summerwind/h2spec, af83a65.
@Suite(.timeLimit(.minutes(2))) struct ConformanceTests {
    private static let cases =
        ConformanceCase.generic + ConformanceCase.streams + ConformanceCase.frameTypes
        + ConformanceCase.messages + ConformanceCase.compressionErrors + ConformanceCase.further

    /// Cases that do not pass, by name, with the reason.
    private static let failing: [String: Comment] = [:]

    @Test("the server answers as the specification says", arguments: cases)
    func answers(_ question: ConformanceCase) async throws {
        try await serving(Responder()) { _, port in
            guard let reason = Self.failing[question.name] else {
                try await onThread { try question.run(port: port) }
                return
            }
            await withKnownIssue(reason) { try await onThread { try question.run(port: port) } }
        }
    }

    /// h2spec counts 44, 94 and 8; its strict case of section 5.4.1 is one more.
    @Test("no case is missing", arguments: zip(ConformanceCase.Part.allCases, [44, 94 + 1, 8, 27]))
    func count(_ part: ConformanceCase.Part, _ count: Int) {
        #expect(Self.cases.filter { $0.part == part }.count == count)
        #expect(Set(Self.cases.map(\.name)).count == Self.cases.count)
        #expect(Set(Self.failing.keys).isSubset(of: Self.cases.map(\.name)))
    }
}
