import Dispatch
import Foundation
import HTTP2
import RPC
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct LifetimeTests {
    @Test func aDeadlineEndsBothSides() async throws {
        let stage = Stage()
        try await serving(stage) { _, port in
            let client = try await connect(port)
            let call = try await client.open("/test.T/Wait", timeout: .milliseconds(50))
            let ended = await #expect(throws: RPCStatus.self) { try await call.responses.next() }
            #expect(ended?.code == .deadlineExceeded)
            await stage.cancelled.wait()
        }
    }

    @Test func aServerEnforcesTheDeadlineByItself() async throws {
        let stage = Stage()
        try await serving(stage) { _, port in
            let client = try await connect(port)
            // The handler reads nothing and answers nothing: only its deadline ends it.
            let call = try await client.open("/test.T/Ignore", timeout: .milliseconds(50))
            await stage.started.wait()
            await stage.cancelled.wait()
            call.cancel()
        }
    }

    @Test func cancellingACallCancelsItsHandler() async throws {
        let stage = Stage()
        try await serving(stage) { _, port in
            let client = try await connect(port)
            let call = try await client.open("/test.T/Ignore")
            await stage.started.wait()
            call.cancel()
            await stage.cancelled.wait()
            await #expect(throws: RPCStatus.self) { try await call.responses.next() }
            #expect(try await client.unary("/test.T/Echo", [1]) == [1])
        }
    }

    @Test func cancellingTheCallersTaskCancelsTheHandler() async throws {
        let stage = Stage()
        try await serving(stage) { _, port in
            let client = try await connect(port)
            await withTaskGroup(of: RPCStatus?.self) { group in
                group.addTask {
                    do throws(RPCStatus) {
                        _ = try await client.unary("/test.T/Ignore", [])
                        return nil
                    } catch {
                        return error
                    }
                }
                await stage.started.wait()
                group.cancelAll()
                let status = await group.next() ?? nil
                #expect(status?.code == .cancelled)
            }
            await stage.cancelled.wait()
        }
    }

    @Test func droppingACallCancelsIt() async throws {
        let stage = Stage()
        try await serving(stage) { _, port in
            let client = try await connect(port)
            var call: ClientCall? = try await client.open("/test.T/Ignore")
            await stage.started.wait()
            withExtendedLifetime(call) {}
            call = nil
            await stage.cancelled.wait()
        }
    }

    @Test func aClosedConnectionCancelsItsHandlersAndEndsTheClientsCalls() async throws {
        let stage = Stage()
        try await serving(stage) { _, port in
            let client = try await connect(port)
            let call = try await client.open("/test.T/Ignore")
            await stage.started.wait()
            await client.close()
            await stage.cancelled.wait()
            let ended = await #expect(throws: RPCStatus.self) { try await call.responses.next() }
            #expect(ended?.code == .cancelled)
            let late = await #expect(throws: RPCStatus.self) {
                try await client.unary("/test.T/Echo", [])
            }
            #expect(late?.code == .unavailable)
        }
    }

    @Test func aServerThatStopsTellsItsClients() async throws {
        let stage = Stage()
        let server = Server(host: "127.0.0.1", port: 0, tls: nil, handler: stage)
        let port = try await server.bind()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let client = try await connect(port)
            let call = try await client.open("/test.T/Wait")
            await stage.started.wait()
            group.cancelAll()
            let ended = await #expect(throws: RPCStatus.self) { try await call.responses.next() }
            #expect(ended?.code == .unavailable)
            await client.closed()
            try await group.waitForAll()
        }
    }

    @Test func aServerThatStopsLetsItsLastAnswersGo() async throws {
        let started = Signal()
        let server = Server(
            host: "127.0.0.1", port: 0, tls: nil, handler: LastWords(started: started))
        let port = try await server.bind()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let client = try await connect(port)
            let call = try await client.open("/test.T/Any")
            await started.wait()
            group.cancelAll()
            // More than the client's window: it takes some ways there and back.
            #expect(try await call.responses.next() == LastWords.message)
            #expect(try await call.responses.next() == nil)
            await client.closed()
            try await group.waitForAll()
        }
        #expect(server.counters.openCalls == 0)
    }

    @Test func aSenderWaitsForAReaderThatDoesNotRead() async throws {
        let stage = Stage()
        try await serving(stage) { _, port in
            let client = try await connect(port)
            let call = try await client.open("/test.T/Ignore")
            let chunk = [UInt8](repeating: 0, count: 64 * 1_024)
            let sent = await withTaskGroup(of: Int.self) { group in
                group.addTask {
                    var sent = 0
                    do throws(RPCStatus) {
                        while sent < 1_000 {
                            try await call.requests.send(chunk)
                            sent += 1
                        }
                    } catch {}
                    return sent
                }
                await stage.started.wait()
                // Other calls go on while that one stands still.
                for _ in 0..<50 { _ = try? await client.unary("/test.T/Echo", chunk) }
                group.cancelAll()
                return await group.next() ?? 0
            }
            // One window on the wire and one bound in the queue, plus the message between them.
            #expect(sent <= 9)
            call.cancel()
        }
    }

    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["HUDDLE_TEST_SANITIZED"] != "1",
            "under a sanitizer connecting may take the second that it is given here"))
    func aConnectionThatWasReadyInTimeLastsThoughItsTaskComesLate() async throws {
        try await serving(Stage()) { _, port in
            // Whatever this task waits for, it goes on only when the time for connecting is over.
            let client = try await withTaskExecutorPreference(
                LateExecutor(by: .milliseconds(3_100))
            ) {
                try await Client.connect(
                    host: "127.0.0.1", port: port, tls: nil, timeout: .seconds(3))
            }
            #expect(try await client.unary("/test.T/Echo", [1]) == [1])
        }
    }
}

/// Answers when it is told to stop.
private struct LastWords: CallHandler {
    // A window and a quarter: a sanitizer on a busy machine needs most of the two seconds for that.
    static let message = [UInt8](repeating: 7, count: Limits.streamWindow * 5 / 4)
    let started: Signal

    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        started.set()
        do throws(RPCStatus) { _ = try await requests.next() } catch {}
        try await responses.send(Self.message)
    }
}

/// Resumes every task later, as a machine does that is busy with others.
private final class LateExecutor: TaskExecutor {
    private let delay: DispatchTimeInterval
    private let queue = DispatchQueue(label: "late")

    init(by delay: DispatchTimeInterval) { self.delay = delay }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.asyncAfter(deadline: .now() + delay) { [self] in
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
