import RPC
import Synchronization
import Transport

/// What the soak calls; it knows how many of its calls are under way.
final class SoakHandler: CallHandler {
    private let count = Mutex(0)

    var running: Int { count.withLock { $0 } }

    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        count.withLock { $0 += 1 }
        defer { count.withLock { $0 -= 1 } }
        switch call.path {
        case "/soak.S/Echo":
            try responses.begin(call, compresses: true)
            for try await message in requests {
                try await responses.send(message, compressed: true)
            }
        case "/soak.S/Flood":
            // Ends when the client has had enough.
            let chunk = [UInt8](repeating: 7, count: 32 * 1_024)
            while true { try await responses.send(chunk) }
        case "/soak.S/Wait":
            while try await requests.next() != nil {}
        case "/soak.S/Ignore":
            await untilCancelled()
            throw RPCStatus(.cancelled, "nobody waits any more")
        default:
            throw RPCStatus(.unimplemented, "no method \(call.path)")
        }
    }

    /// No sleep: one that is cancelled keeps 900 bytes for as long as it would have lasted.
    private func untilCancelled() async {
        let cancelled = Signal()
        await withTaskCancellationHandler {
            await cancelled.wait()
        } onCancel: {
            cancelled.set()
        }
    }
}
