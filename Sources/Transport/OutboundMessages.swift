package import RPC

/// The messages that this side sends on a call.
package struct OutboundMessages: Sendable {
    let pipe: CallPipe

    /// On a client, keeps the call alive; see `CallLease`.
    let lease: CallLease?

    /// Queues a message; suspends while `TransportLimits.queuedOutboundBytes` wait for the network.
    ///
    /// Throws the call's status once it is over, and RESOURCE_EXHAUSTED for a message that the
    /// other side would refuse.
    package func send(_ message: [UInt8]) async throws(RPCStatus) {
        try checkSize(message)
        let bytes = message.count + MessageFraming.prefixBytes
        while true {
            switch pipe.reserve(bytes) {
            case .granted:
                pipe.link.post(.send(pipe, message))
                return
            case .over(let status): throw status
            case .full: break
            }
            if Task.isCancelled { throw RPCStatus(.cancelled, "the task was cancelled") }
            await pipe.waitForRoom(bytes)
        }
    }

    /// On a client, says that no message follows; on a server, returning from the handler does.
    package func finish() {
        if lease != nil { pipe.closeLocal() }
    }
}

func checkSize(_ message: [UInt8]) throws(RPCStatus) {
    guard message.count <= RPCLimits.messageBytes else {
        throw RPCStatus(
            .resourceExhausted,
            "a message of \(message.count) bytes; \(RPCLimits.messageBytes) is the most")
    }
}
