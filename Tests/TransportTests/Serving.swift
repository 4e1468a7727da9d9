import RPC
import Synchronization
import Transport

/// Runs a server for as long as `body` takes, then cancels it and waits for its end.
func serving(
    _ handler: any CallHandler, tls: ServerTLS? = nil, deadlines: Deadlines = .standard,
    _ body: (Server, Int) async throws -> Void
) async throws {
    let server = Server(
        host: "127.0.0.1", port: 0, tls: tls, handler: handler, deadlines: deadlines)
    let port = try await server.bind()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        do {
            try await body(server, port)
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

func connect(_ port: Int, _ tls: ClientTLS? = nil) async throws(RPCStatus) -> Client {
    try await Client.connect(host: "127.0.0.1", port: port, tls: tls, timeout: .seconds(20))
}

/// A one-way switch that tasks can wait for.
final class Signal: Sendable {
    private let state = Mutex<(isSet: Bool, waiters: [CheckedContinuation<Void, Never>])>(
        (false, []))

    func set() {
        let waiters = state.withLock { state in
            state.isSet = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = state.withLock { state in
                if !state.isSet { state.waiters.append(continuation) }
                return state.isSet
            }
            if isSet { continuation.resume() }
        }
    }
}

/// Serves the methods that the tests call.
struct Stage: CallHandler {
    let started = Signal()
    let cancelled = Signal()

    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        switch call.path {
        case "/test.T/Echo":
            for try await message in requests { try await responses.send(message) }
        case "/test.T/Count":
            // One request with a number; that many responses.
            let count = try await requests.next()?.first ?? 0
            for number in 0..<count { try await responses.send([number]) }
        case "/test.T/Who":
            _ = try await requests.next()
            let leaf = call.peer.certificates.first ?? []
            try await responses.send(leaf)
        case "/test.T/Metadata":
            _ = try await requests.next()
            let text = call.metadata.first("x-text") ?? "none"
            let bytes = call.metadata.firstBinary("x-key-bin") ?? []
            try await responses.send(Array(text.utf8) + bytes)
        case "/test.T/Fail":
            throw RPCStatus(.failedPrecondition, "100 % nötig")
        case "/test.T/Wait":
            started.set()
            // Ends only by cancellation: the client sends nothing and does not half-close.
            do throws(RPCStatus) {
                while try await requests.next() != nil {}
            } catch {
                cancelled.set()
                throw error
            }
        case "/test.T/Ignore":
            // Never reads; ends when it is cancelled.
            started.set()
            await withTaskCancellationHandler {
                await cancelled.wait()
            } onCancel: {
                cancelled.set()
            }
        default:
            throw RPCStatus(.unimplemented, "no method \(call.path)")
        }
    }
}
