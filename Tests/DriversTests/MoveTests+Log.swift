import ClusterModel
import Drivers
import Ports
import Testing

extension MoveTests {
    @Test(
        "followed over a move, the log has no gap and nothing twice; the console ends with the stay"
    )
    func logGoesOn() async throws {
        try await onceOfThree { bench in try await Self.logGoesOn(bench) }
    }

    private static func logGoesOn(_ bench: MoveBench) async throws {
        let id = InstanceID("scribe-0")
        let order = try bench.source.order(id, generation: 1)
        let credentials = try await bench.authority.credentials(for: "m-12.move.huddle")
        try await bench.withGuest(order) { source, target in
            try await source.run(
                "(i=0; while :; do i=$((i+1)); echo count $i; sleep 0.05; done) &", in: id)
            let followed = Collected()
            async let following: Void = source.logs(of: id, from: .oldest, follow: true) {
                followed.append($0)
            }
            let endpoint = try await target.receive(
                bench.next(order), at: bench.loopback, credentials: credentials)
            try await source.copy(
                id, to: endpoint, credentials: credentials, downtime: bench.downtime
            ) { _ in }
            // Its input never ends, and the move does end it.
            let shown = Collected()
            async let console: Void = source.console(
                of: id, session: TerminalSession(input: { nil }, output: { shown.append($0) }))
            try await source.awaitLog(of: id, containing: "count 5")
            try await source.switchOver(id, downtime: bench.downtime)
            try await console
            _ = try await target.arrived(id)

            var tail = LogTail()
            for chunk in try await log(of: id, by: source) { tail.append(chunk) }
            try await target.precede(id, with: tail.lines, marker: marker)
            try await source.remove(id)
            try await following
            let before = numbers(followed.text)
            let last = try #require(before.last)
            try await target.awaitLog(of: id, containing: "count \(last + 20)\r\n")

            // What a follower goes on with, and what a later reader sees.
            let after = try await target.log(of: id, from: .arrival)
            let whole = try await target.log(of: id, from: .oldest)
            #expect(after.contains(marker) && !after.contains("huddle guest ready"))
            #expect(whole.contains("huddle guest ready"))
            #expect(whole.split(separator: marker).count == 2)
            let joined = numbers(joint(followed.text + after))
            #expect(joined.count >= last + 20 && joined == Array(1...joined.count), "\(joined)")
            let read = numbers(joint(whole))
            #expect(read.count >= last + 20 && read == Array(1...read.count), "\(read)")
        }
    }

    private static let marker = "--- moved ---"

    private static func log(of id: InstanceID, by driver: QEMUDriver) async throws -> [LogChunk] {
        let all = Collected()
        try await driver.logs(of: id, from: .oldest, follow: false) { all.append($0) }
        return all.all
    }

    /// A guest may stop in the middle of a line; the line breaks that were put around the marker then go with it.
    private static func joint(_ text: String) -> String {
        text.replacing("\r\n\(marker)\n", with: "\r\n")
            .replacing("\n\(marker)\n", with: "").replacing("\(marker)\n", with: "")
    }

    private static func numbers(_ text: String) -> [Int] {
        text.matches(of: /count (\d+)\s/).compactMap { Int($0.1) }
    }
}
