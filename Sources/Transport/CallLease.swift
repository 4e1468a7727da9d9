import RPC

/// Keeps a client's call, and its connection, while someone can still use the call.
///
/// When the last of the call's values goes, the call is cancelled if it is still open, so that no
/// stream outlives its users.
final class CallLease: Sendable {
    private let pipe: CallPipe
    private let client: Client

    init(pipe: CallPipe, client: Client) {
        self.pipe = pipe
        self.client = client
    }

    deinit {
        pipe.finish(RPCStatus(.cancelled, "the call was dropped"))
    }
}
