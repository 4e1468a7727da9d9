package import RPC
package import Transport

/// Serves the calls of a server by the services it was given, and says of them what gRPC's health and reflection
/// services ask.
package struct Router: CallHandler {
    /// Whether a peer may call the method of a path; throws the status to refuse with.
    package typealias Authorize = @Sendable (Peer, _ path: String) throws(RPCStatus) -> Void

    private let routes: [String: Route]
    private let authorize: Authorize

    /// A router of the services that are not `nil`; `authorize` judges before a request is read.
    package init(
        join: (any JoinService)? = nil, agents: (any AgentsService)? = nil,
        peers: (any PeersService)? = nil, cluster: (any ClusterService)? = nil,
        authorize: @escaping Authorize
    ) {
        let given = [join?.routes, agents?.routes, peers?.routes, cluster?.routes]
            .compactMap { $0 }.flatMap { $0 }
        let own: [Method.Service] = [.health, .reflection, .reflectionAlpha]
        let services = Set(given.map { $0.method.service.rawValue } + own.map { $0.rawValue })
        let inspection = Health(services: services).routes + Reflection(services: services).routes
        var routes: [String: Route] = [:]
        for route in given + inspection { routes[route.method.path] = route }
        self.routes = routes
        self.authorize = authorize
    }

    package func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        guard let route = routes[call.path] else {
            throw RPCStatus(.unimplemented, "\(call.path) is not served here")
        }
        try authorize(call.peer, call.path)
        let caller = Caller(peer: call.peer, path: call.path, timeout: call.timeout)
        guard Method.blocking.contains(route.method) else {
            return try await route.serve(caller, requests, responses)
        }
        try await allowingBlocking { () async throws(RPCStatus) in
            try await route.serve(caller, requests, responses)
        }
    }
}
