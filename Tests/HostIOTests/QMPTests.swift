import HostIO
import Testing

@Suite(.timeLimit(.minutes(1))) struct QMPTests {
    private static let greeting = #"{"QMP": {"version": {}, "capabilities": []}}"# + "\r\n"
    private static let accepted = #"{"return": {}, "id": 1}"# + "\r\n"

    private struct Status: Decodable, Sendable { let status: String }

    private func service(_ turns: [StubService.Turn]) throws -> StubService {
        try StubService(
            [
                .init(after: "", says: Self.greeting),
                .init(after: "qmp_capabilities", says: Self.accepted),
            ] + turns)
    }

    @Test func commandReturnsItsValue() async throws {
        let service = try service([
            .init(
                after: "query-status",
                says: #"{"event": "RESUME", "data": {}}"# + "\r\n"
                    + #"{"return": {"status": "running"}, "id": 2}"#
                    + "\r\n")
        ])
        let seen = try await QMPClient(socket: service.path).session(failing: { $0 }) {
            (session) async throws(QMPFailure) -> [String] in
            let status = try await session.execute(
                "query-status", arguments: NoArguments(), returning: Status.self)
            var events = session.events.makeAsyncIterator()
            return [status.status, await events.next()?.name ?? ""]
        }
        #expect(seen == ["running", "RESUME"])
    }

    @Test func refusalCarriesClassAndWords() async throws {
        let service = try service([
            .init(
                after: "stop",
                says: #"{"id": 2, "error": {"class": "GenericError", "desc": "no"}}"# + "\r\n")
        ])
        await #expect(throws: QMPFailure.refused(class: "GenericError", description: "no")) {
            try await QMPClient(socket: service.path).execute("stop")
        }
    }

    @Test func deadQEMUIsAFailureAtOnce() async throws {
        let service = try service([.init(after: "quit", says: "", closes: true)])
        let begin = ContinuousClock.now
        let failure = await #expect(throws: QMPFailure.self) {
            try await QMPClient(socket: service.path).execute("quit", within: .seconds(50))
        }
        guard case .connection(.closed) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(ContinuousClock.now - begin < .seconds(30))
    }

    @Test func silentServiceRunsIntoTheDeadline() async throws {
        let service = try StubService([.init(after: "never", says: "")])
        await #expect(throws: QMPFailure.connection(.timedOut(.milliseconds(50)))) {
            try await QMPClient(socket: service.path).execute("stop", within: .milliseconds(50))
        }
    }

    @Test func rubbishIsNoAnswer() async throws {
        let service = try service([.init(after: "stop", says: "rubbish\r\n{\"id\": 77}\r\n")])
        await #expect(throws: QMPFailure.connection(.timedOut(.milliseconds(200)))) {
            try await QMPClient(socket: service.path)
                .session(failing: { $0 }) { (session) async throws(QMPFailure) in
                    try await session.execute("stop", within: .milliseconds(200))
                }
        }
    }

    @Test func newsEndTheWaitBeforeItsLimit() async throws {
        let service = try service([
            .init(after: "cont", says: #"{"event": "RESUME", "data": {}}"# + "\r\n"),
            .init(after: "quit", says: "", closes: true),
        ])
        let client = QMPClient(socket: service.path)
        let begin = ContinuousClock.now
        try await client.session(failing: { $0 }) { (session) async throws(QMPFailure) in
            #expect(session.heard == 0)
            async let told: Void = session.news(after: 0, within: .seconds(50))
            // Neither is answered; the second ends the session.
            try? await session.execute("cont", within: .milliseconds(50))
            await told
            #expect(session.heard == 1)
            await session.news(after: 0, within: .seconds(50))
            async let ended: Void = session.news(after: 1, within: .seconds(50))
            try? await session.execute("quit", within: .seconds(50))
            await ended
        }
        #expect(ContinuousClock.now - begin < .seconds(30))
    }
}
