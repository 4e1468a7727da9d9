import CHuddleProto
import ClusterModel

extension HealthCheckRequest: WireMessage, WireValue {
    init(raw: Grpc__Health__V1__HealthCheckRequest) throws(InvalidValue) {
        self.init(service: text(raw.service))
    }

    func fill(_ raw: inout Grpc__Health__V1__HealthCheckRequest, _ arena: inout Arena) {
        raw.service = arena.text(service)
    }
}

extension HealthCheckResponse: WireMessage, WireValue {
    init(raw: Grpc__Health__V1__HealthCheckResponse) throws(InvalidValue) {
        guard let status = ServingStatus(rawValue: raw.status.rawValue) else {
            throw .unknown(raw.status, "status")
        }
        self.init(status: status)
    }

    func fill(_ raw: inout Grpc__Health__V1__HealthCheckResponse, _ arena: inout Arena) {
        raw.status = .init(rawValue: status.rawValue)
    }
}
