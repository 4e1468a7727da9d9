import CHuddleProto

extension Grpc__Health__V1__HealthCheckRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { grpc__health__v1__health_check_request__init }
}
extension Grpc__Health__V1__HealthCheckResponse: GeneratedMessage {
    static var initialise: Initialiser<Self> { grpc__health__v1__health_check_response__init }
}
extension Grpc__Reflection__V1__ServerReflectionRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> {
        grpc__reflection__v1__server_reflection_request__init
    }
}
extension Grpc__Reflection__V1__ExtensionRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { grpc__reflection__v1__extension_request__init }
}
extension Grpc__Reflection__V1__ServerReflectionResponse: GeneratedMessage {
    static var initialise: Initialiser<Self> {
        grpc__reflection__v1__server_reflection_response__init
    }
}
extension Grpc__Reflection__V1__FileDescriptorResponse: GeneratedMessage {
    static var initialise: Initialiser<Self> {
        grpc__reflection__v1__file_descriptor_response__init
    }
}
extension Grpc__Reflection__V1__ExtensionNumberResponse: GeneratedMessage {
    static var initialise: Initialiser<Self> {
        grpc__reflection__v1__extension_number_response__init
    }
}
extension Grpc__Reflection__V1__ListServiceResponse: GeneratedMessage {
    static var initialise: Initialiser<Self> { grpc__reflection__v1__list_service_response__init }
}
extension Grpc__Reflection__V1__ServiceResponse: GeneratedMessage {
    static var initialise: Initialiser<Self> { grpc__reflection__v1__service_response__init }
}
extension Grpc__Reflection__V1__ErrorResponse: GeneratedMessage {
    static var initialise: Initialiser<Self> { grpc__reflection__v1__error_response__init }
}
