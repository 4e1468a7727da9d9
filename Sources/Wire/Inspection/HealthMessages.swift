/// Asks whether a service can be used.
/// - Source: grpc/doc/health-checking.md.
package struct HealthCheckRequest: Hashable, Sendable {
    /// The service's full name; empty for the server as a whole.
    package let service: String

    package init(service: String) { self.service = service }
}

/// Whether a service can be used.
package struct HealthCheckResponse: Hashable, Sendable {
    package let status: ServingStatus

    /// The closed set of the protocol, whose 0 is a status like the others.
    package enum ServingStatus: UInt32, Hashable, Sendable, CaseIterable {
        case unknown = 0
        case serving
        case notServing
        /// Only a watch says so; a check fails with NOT_FOUND.
        case serviceUnknown
    }

    package init(status: ServingStatus) { self.status = status }
}
