import RPC

/// A call on its way to and in its task.
struct AcceptedCall: Sendable {
    let call: IncomingCall
    let pipe: CallPipe
    let ledger: ServerLedger

    /// Runs the handler, in a child that is cancelled as soon as the call has ended elsewhere.
    func run(_ handler: any CallHandler) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { pipe.finish(await serve(handler)) }
            await pipe.ended()
            group.cancelAll()
        }
        ledger.count { $0.openCalls -= 1 }
    }

    private func serve(_ handler: any CallHandler) async -> RPCStatus {
        do throws(RPCStatus) {
            try await handler.handle(
                call, requests: InboundMessages(pipe: pipe, lease: nil),
                responses: OutboundMessages(pipe: pipe, lease: nil))
            return .ok
        } catch {
            // Nobody but this server ended the task of a call that still goes on.
            let isStopping = error.code == .cancelled && Task.isCancelled && pipe.outcome == nil
            return isStopping ? RPCStatus(.unavailable, "the server is stopping") : error
        }
    }
}
