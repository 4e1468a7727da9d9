/// One rpc of a service.
package struct Method: Hashable, Sendable {
    package let service: Service
    /// As the proto file spells it.
    package let name: String
    package let shape: Shape

    /// The services of `huddle.v1` and of gRPC itself, by their full names.
    package enum Service: String, Hashable, Sendable, CaseIterable {
        case join = "huddle.v1.Join"
        case agents = "huddle.v1.Agents"
        case peers = "huddle.v1.Peers"
        case cluster = "huddle.v1.Cluster"
        case health = "grpc.health.v1.Health"
        case reflection = "grpc.reflection.v1.ServerReflection"
        case reflectionAlpha = "grpc.reflection.v1alpha.ServerReflection"
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
    package var path: String { "/\(service.rawValue)/\(name)" }
}
