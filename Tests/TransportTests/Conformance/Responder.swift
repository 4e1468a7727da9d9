import RPC
import Transport

/// The application behind the server that the cases question.
struct Responder: CallHandler {
    /// Answers at once with a message, whatever is asked.
    static let hello = "/conformance.C/Hello"
    /// Answers each message with the same.
    static let echo = "/conformance.C/Echo"
    /// Answers nothing, so that the stream stays as the case has left it.
    static let wait = "/conformance.C/Wait"

    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        switch call.path {
        case Self.hello:
            try await responses.send(Array("hello".utf8))
        case Self.echo:
            for try await message in requests { try await responses.send(message) }
        case Self.wait:
            let over = Signal()
            await withTaskCancellationHandler {
                await over.wait()
            } onCancel: {
                over.set()
            }
        default:
            throw RPCStatus(.unimplemented, "no method \(call.path)")
        }
    }
}
