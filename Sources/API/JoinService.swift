package import RPC
package import Wire

/// Lets hosts into the cluster; open to a caller without a certificate.
package protocol JoinService: Sendable {
    /// A certificate for a new host; its caller has a token in place of one.
    func join(_ request: JoinRequest, caller: Caller) async throws(RPCStatus) -> JoinReply
}

extension JoinService {
    /// How calls reach the requirements.
    var routes: [Route] {
        [
            .unary(Method.Join.join, join)
        ]
    }
}
