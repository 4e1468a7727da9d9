import RPC
import Synchronization
import Testing
import Transport

/// How the cases call.
extension ClientCases {
    /// `large_unary`, with what a case changes about it.
    func large(
        _ client: Client, compressed: Bool = false, metadata: Metadata = Metadata(),
        _ change: (inout Interop.SimpleRequest) -> Void = { _ in }
    ) async throws -> Answer {
        var request = Interop.SimpleRequest(responseSize: 314_159, bodySize: 271_828)
        change(&request)
        let call = try await client.open(
            "\(Self.service)/UnaryCall", metadata: metadata, compresses: compressed)
        try await call.requests.send(request.bytes, compressed: compressed)
        call.finish()
        let answers = try await answers(call)
        #expect(answers.count == 1)
        return try #require(answers.first)
    }

    func output(_ request: Interop.OutputRequest) async throws -> [Answer] {
        let call = try await client.open("\(Self.service)/StreamingOutputCall")
        try await call.requests.send(request.bytes)
        call.finish()
        return try await answers(call)
    }

    func duplex(_ requests: Interop.OutputRequest...) async throws -> ClientCall {
        let call = try await client.open("\(Self.service)/FullDuplexCall")
        for request in requests { try await call.requests.send(request.bytes) }
        return call
    }

    /// Every answer of a call, which has to end with OK.
    func answers(_ call: ClientCall) async throws -> [Answer] {
        var received: [(bodySize: Int, isCompressed: Bool)] = []
        while let next = try await call.responses.nextSized() {
            received.append(
                (try Interop.bodySize(next.message), next.wireBytes < next.message.count))
        }
        return received.map { answer in
            Answer(
                bodySize: answer.bodySize, isCompressed: answer.isCompressed,
                metadata: call.responses.metadata, trailers: call.responses.trailers)
        }
    }

    /// The one answer of `StreamingInputCall`.
    func total(_ call: ClientCall) async throws -> Int {
        call.finish()
        let answer = try #require(try await call.responses.next())
        #expect(try await call.responses.next() == nil)
        return try Interop.total(answer)
    }

    /// Asks both kinds of call for this status.
    func status(_ status: RPCStatus) async throws {
        var request = Interop.SimpleRequest()
        request.status = status
        let bytes = request.bytes
        await #expect(throws: status) { try await client.unary("\(Self.service)/UnaryCall", bytes) }
        let call = try await duplex(Interop.OutputRequest(status: status))
        call.finish()
        await #expect(throws: status) { try await call.responses.next() }
    }

    func unimplemented(_ path: String) async throws {
        let ended = await #expect(throws: RPCStatus.self) { try await client.unary(path, []) }
        #expect(ended?.code == .unimplemented)
    }

    /// Cancels and finds the call cancelled, whatever had arrived.
    func cancelled(_ call: ClientCall) async throws {
        call.cancel()
        let ended = await #expect(throws: RPCStatus.self) {
            while try await call.responses.next() != nil {}
        }
        #expect(ended?.code == .cancelled)
    }
}

/// A number that several tasks count up.
final class Tally: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    func add() { state.withLock { $0 += 1 } }
}
