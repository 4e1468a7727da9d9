/// One rpc of `huddle.v1`.
package struct Method: Hashable, Sendable {
    package let service: Service
    /// As the proto file spells it.
    package let name: String
    package let shape: Shape

    /// The services of `huddle.v1`.
    package enum Service: String, Hashable, Sendable, CaseIterable {
        case join = "Join"
        case agents = "Agents"
        case peers = "Peers"
        case cluster = "Cluster"
    }

    /// Which sides send any number of messages; the others send one.
    package enum Shape: Hashable, Sendable {
        case unary
        case serverStream
        case clientStream
        case bidirectional
    }

    init(_ service: Service, _ name: String, _ shape: Shape) {
        self.service = service
        self.name = name
        self.shape = shape
    }

    /// What HTTP/2 carries as `:path`, such as `/huddle.v1.Cluster/Apply`.
    package var path: String { "/huddle.v1.\(service.rawValue)/\(name)" }
}
