import RPC

/// A call on its way to and in its task.
struct AcceptedCall: Sendable {
    let call: IncomingCall
    let pipe: CallPipe
    let ledger: ServerLedger

    /// Runs the handler in this task, which is cancelled as soon as the call has ended elsewhere.
    func run(_ handler: any CallHandler) async {
        let answer = await pipe.handlerTask.run { await serve(handler) }
        let status = pipe.refusal ?? answer
        note(status)
        pipe.finish(status)
        ledger.count { $0.openCalls -= 1 }
    }

    /// Nobody will serve it.
    func drop() {
        pipe.finish(RPCStatus(.unavailable, "the server is stopping"))
        ledger.count { $0.openCalls -= 1 }
    }

    /// Counts and tells of a caller who may not call, or who says what cannot be; other statuses are answers.
    private func note(_ status: RPCStatus) {
        let refusals: [RPCStatus.Code] = [
            .unauthenticated, .permissionDenied, .invalidArgument, .resourceExhausted,
            .unimplemented,
        ]
        // A call that the connection has ended was counted there.
        guard pipe.refusal != nil || refusals.contains(status.code) && pipe.outcome == nil else {
            return
        }
        ledger.count { $0.refusedCalls += 1 }
        let isNamed = status.message.contains(call.path)
        let reason = isNamed ? status.message : "\(call.path): \(status.message)"
        ledger.report(.refused(address: call.peer.address, reason: reason))
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
