/// One question about what a server serves.
/// - Source: grpc/doc/server-reflection.md.
package struct ReflectionRequest: Hashable, Sendable {
    package let host: String
    /// `nil` for a question that this protocol does not have.
    package let query: Query?

    /// What can be asked.
    package enum Query: Hashable, Sendable {
        case file(named: String)
        case fileContaining(symbol: String)
        case fileContainingExtension(ExtensionRequest)
        case extensionNumbers(of: String)
        /// The text says nothing, and is given back.
        case services(String)
    }

    package init(host: String = "", query: Query?) {
        self.host = host
        self.query = query
    }
}

/// An extension of a message, which proto3 has not.
package struct ExtensionRequest: Hashable, Sendable {
    package let type: String
    package let number: Int32

    package init(type: String, number: Int32) {
        self.type = type
        self.number = number
    }
}

/// The answer to one question about what a server serves.
package struct ReflectionResponse: Hashable, Sendable {
    package let host: String
    package let request: ReflectionRequest
    package let answer: Answer

    /// What can be answered.
    package enum Answer: Hashable, Sendable {
        case files(FileDescriptorResponse)
        case extensionNumbers(ExtensionNumberResponse)
        case services(ListServiceResponse)
        case failure(ErrorResponse)
    }

    package init(host: String, request: ReflectionRequest, answer: Answer) {
        self.host = host
        self.request = request
        self.answer = answer
    }
}

/// Files, each as a serialized `google.protobuf.FileDescriptorProto`.
package struct FileDescriptorResponse: Hashable, Sendable {
    package let files: [[UInt8]]

    package init(files: [[UInt8]]) { self.files = files }
}

/// The extensions of a message.
package struct ExtensionNumberResponse: Hashable, Sendable {
    package let type: String
    package let numbers: [Int32]

    package init(type: String, numbers: [Int32]) {
        self.type = type
        self.numbers = numbers
    }
}

/// The services of a server.
package struct ListServiceResponse: Hashable, Sendable {
    package let services: [ServiceResponse]

    package init(services: [ServiceResponse]) { self.services = services }
}

/// One service, by its full name.
package struct ServiceResponse: Hashable, Sendable {
    package let name: String

    package init(name: String) { self.name = name }
}

/// Why a question has no other answer.
package struct ErrorResponse: Hashable, Sendable {
    /// A status code of gRPC.
    package let code: Int32
    package let message: String

    package init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }
}
