import Wire

/// The messages of gRPC's own services.
extension Subject {
    static let inspection = [
        Subject("HealthCheckRequest") { HealthCheckRequest(service: $0.text()) },
        Subject("HealthCheckResponse") { HealthCheckResponse(status: $0.one()) },
        Subject("ServerReflectionRequest") { $0.reflectionRequest() },
        Subject("ExtensionRequest") { $0.extensionRequest() },
        Subject("ServerReflectionResponse") {
            ReflectionResponse(
                host: $0.text(), request: $0.reflectionRequest(), answer: $0.reflectionAnswer())
        },
        Subject("FileDescriptorResponse") { $0.fileDescriptors() },
        Subject("ExtensionNumberResponse") { $0.extensionNumbers() },
        Subject("ListServiceResponse") { $0.services() },
        Subject("ServiceResponse") { ServiceResponse(name: $0.text()) },
        Subject("ErrorResponse") { $0.failure() },
    ]
}

extension Sampler {
    mutating func reflectionRequest() -> ReflectionRequest {
        let queries: [ReflectionRequest.Query?] = [
            .file(named: text()), .fileContaining(symbol: text()),
            .fileContainingExtension(extensionRequest()), .extensionNumbers(of: text()),
            .services(text()), nil,
        ]
        return ReflectionRequest(host: text(), query: queries[below(queries.count)])
    }

    mutating func reflectionAnswer() -> ReflectionResponse.Answer {
        let answers: [ReflectionResponse.Answer] = [
            .files(fileDescriptors()), .extensionNumbers(extensionNumbers()),
            .services(services()), .failure(failure()),
        ]
        return answers[below(answers.count)]
    }

    mutating func extensionRequest() -> ExtensionRequest {
        ExtensionRequest(type: text(), number: Int32(truncatingIfNeeded: number()))
    }

    mutating func fileDescriptors() -> FileDescriptorResponse {
        FileDescriptorResponse(files: list { $0.bytes() })
    }

    mutating func extensionNumbers() -> ExtensionNumberResponse {
        ExtensionNumberResponse(
            type: text(), numbers: list { Int32(truncatingIfNeeded: $0.number()) })
    }

    mutating func services() -> ListServiceResponse {
        ListServiceResponse(services: list { ServiceResponse(name: $0.text()) })
    }

    mutating func failure() -> ErrorResponse {
        ErrorResponse(code: Int32(below(17)), message: text())
    }
}
