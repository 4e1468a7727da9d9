import HTTP2
package import RPC

/// The messages that this side sends on a call.
package struct OutboundMessages: Sendable {
    let pipe: CallPipe

    /// On a client, keeps the call alive; see `CallLease`.
    let lease: CallLease?

    /// Queues a message; suspends while `Limits.queuedOutboundBytes` wait for the network.
    ///
    /// `compressed` takes effect where the call's encoding is gzip. Throws the call's status once it is over, and
    /// RESOURCE_EXHAUSTED for a message that the other side would refuse.
    package func send(_ message: [UInt8], compressed: Bool = false) async throws(RPCStatus) {
        try checkSize(message)
        if compressed, pipe.isCompressing {
            let smaller = try Gzip.compress(message)
            try await post(.sendCompressed(pipe, smaller), smaller.count)
        } else {
            try await post(.send(pipe, message), message.count)
        }
    }

    private func post(_ command: Command, _ count: Int) async throws(RPCStatus) {
        let bytes = count + MessageFraming.prefixBytes
        while true {
            switch pipe.reserve(bytes) {
            case .granted:
                pipe.link.post(command)
                return
            case .over(let status): throw status
            case .full: break
            }
            if Task.isCancelled { throw RPCStatus(.cancelled, "the task was cancelled") }
            await pipe.waitForRoom(bytes)
        }
    }

    /// On a server, begins the answer before its first message; nothing once it has begun.
    ///
    /// With `compresses`, messages may be sent in gzip, if the client of `call` reads that.
    package func begin(
        _ call: IncomingCall, metadata: Metadata = Metadata(), compresses: Bool = false
    ) throws(RPCStatus) {
        precondition(lease == nil, "a client begins its calls by opening them")
        try checkSize(metadata)
        let encoding: MessageEncoding = compresses && call.acceptsGzip ? .gzip : .identity
        pipe.isCompressing = encoding == .gzip
        pipe.link.post(.begin(pipe, metadata, encoding))
    }

    /// On a server, adds to what accompanies the call's status.
    package func addTrailers(_ metadata: Metadata) throws(RPCStatus) {
        precondition(lease == nil, "a client has no trailers")
        try checkSize(metadata)
        pipe.link.post(.trailers(pipe, metadata))
    }

    /// On a client, says that no message follows; on a server, returning from the handler does.
    package func finish() {
        if lease != nil { pipe.closeLocal() }
    }
}

private func checkSize(_ metadata: Metadata) throws(RPCStatus) {
    guard metadata.wireBytes <= Limits.metadataBytes else {
        throw RPCStatus(.resourceExhausted, "metadata above \(Limits.metadataBytes) bytes")
    }
}

func checkSize(_ message: [UInt8]) throws(RPCStatus) {
    guard message.count <= Limits.messageBytes else {
        throw RPCStatus(
            .resourceExhausted,
            "a message of \(message.count) bytes; \(Limits.messageBytes) is the most")
    }
}
