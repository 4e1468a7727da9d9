import CHuddleProto
import ClusterModel

// What is set of each `oneof`, in words that fit on a line.
private let byName =
    GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME
private let bySymbol =
    GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL
private let byExtension =
    GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION
private let extensionNumbersOfType =
    GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE
private let listServices =
    GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES
private let fileDescriptors =
    GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE
private let allExtensionNumbers =
    GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ALL_EXTENSION_NUMBERS_RESPONSE
private let serviceList =
    GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE
private let errorAnswer =
    GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE

extension ReflectionRequest: WireMessage, WireValue {
    init(raw: Grpc__Reflection__V1__ServerReflectionRequest) throws(InvalidValue) {
        self.init(host: text(raw.host), query: try Query(raw))
    }

    func fill(_ raw: inout Grpc__Reflection__V1__ServerReflectionRequest, _ arena: inout Arena) {
        raw.host = arena.text(host)
        switch query {
        case .file(let name):
            raw.message_request_case = byName
            raw.file_by_filename = arena.text(name)
        case .fileContaining(let symbol):
            raw.message_request_case = bySymbol
            raw.file_containing_symbol = arena.text(symbol)
        case .fileContainingExtension(let request):
            raw.message_request_case = byExtension
            raw.file_containing_extension = arena.message(request)
        case .extensionNumbers(let type):
            raw.message_request_case = extensionNumbersOfType
            raw.all_extension_numbers_of_type = arena.text(type)
        case .services(let content):
            raw.message_request_case = listServices
            raw.list_services = arena.text(content)
        case nil: break
        }
    }
}

extension ReflectionRequest.Query {
    /// What is asked; `nil` when none of the known questions is.
    fileprivate init?(
        _ raw: Grpc__Reflection__V1__ServerReflectionRequest
    ) throws(InvalidValue) {
        switch raw.message_request_case {
        case byName:
            self = .file(named: text(raw.file_by_filename))
        case bySymbol:
            self = .fileContaining(symbol: text(raw.file_containing_symbol))
        case byExtension:
            self = .fileContainingExtension(
                try required(raw.file_containing_extension, "file_containing_extension"))
        case extensionNumbersOfType:
            self = .extensionNumbers(of: text(raw.all_extension_numbers_of_type))
        case listServices:
            self = .services(text(raw.list_services))
        default: return nil
        }
    }
}

extension ExtensionRequest: WireMessage, WireValue {
    init(raw: Grpc__Reflection__V1__ExtensionRequest) throws(InvalidValue) {
        self.init(type: text(raw.containing_type), number: raw.extension_number)
    }

    func fill(_ raw: inout Grpc__Reflection__V1__ExtensionRequest, _ arena: inout Arena) {
        raw.containing_type = arena.text(type)
        raw.extension_number = number
    }
}

extension ReflectionResponse: WireMessage, WireValue {
    init(raw: Grpc__Reflection__V1__ServerReflectionResponse) throws(InvalidValue) {
        self.init(
            host: text(raw.valid_host),
            request: try required(raw.original_request, "original_request"),
            answer: try Answer(raw))
    }

    func fill(_ raw: inout Grpc__Reflection__V1__ServerReflectionResponse, _ arena: inout Arena) {
        raw.valid_host = arena.text(host)
        raw.original_request = arena.message(request)
        switch answer {
        case .files(let files):
            raw.message_response_case = fileDescriptors
            raw.file_descriptor_response = arena.message(files)
        case .extensionNumbers(let numbers):
            raw.message_response_case = allExtensionNumbers
            raw.all_extension_numbers_response = arena.message(numbers)
        case .services(let services):
            raw.message_response_case = serviceList
            raw.list_services_response = arena.message(services)
        case .failure(let failure):
            raw.message_response_case = errorAnswer
            raw.error_response = arena.message(failure)
        }
    }
}

extension ReflectionResponse.Answer {
    fileprivate init(
        _ raw: Grpc__Reflection__V1__ServerReflectionResponse
    ) throws(InvalidValue) {
        switch raw.message_response_case {
        case fileDescriptors:
            self = .files(
                try required(raw.file_descriptor_response, "file_descriptor_response"))
        case allExtensionNumbers:
            self = .extensionNumbers(
                try required(raw.all_extension_numbers_response, "all_extension_numbers_response"))
        case serviceList:
            self = .services(try required(raw.list_services_response, "list_services_response"))
        case errorAnswer:
            self = .failure(try required(raw.error_response, "error_response"))
        default: throw .missing("message_response")
        }
    }
}

extension FileDescriptorResponse: WireMessage, WireValue {
    init(raw: Grpc__Reflection__V1__FileDescriptorResponse) throws(InvalidValue) {
        self.init(
            files: numbers(raw.file_descriptor_proto, raw.n_file_descriptor_proto).map(octets))
    }

    func fill(_ raw: inout Grpc__Reflection__V1__FileDescriptorResponse, _ arena: inout Arena) {
        let content = files.map { arena.bytes($0) }
        (raw.n_file_descriptor_proto, raw.file_descriptor_proto) = arena.numbers(content)
    }
}

extension ExtensionNumberResponse: WireMessage, WireValue {
    init(raw: Grpc__Reflection__V1__ExtensionNumberResponse) throws(InvalidValue) {
        self.init(
            type: text(raw.base_type_name),
            numbers: Wire.numbers(raw.extension_number, raw.n_extension_number))
    }

    func fill(_ raw: inout Grpc__Reflection__V1__ExtensionNumberResponse, _ arena: inout Arena) {
        raw.base_type_name = arena.text(type)
        (raw.n_extension_number, raw.extension_number) = arena.numbers(numbers)
    }
}

extension ListServiceResponse: WireMessage, WireValue {
    init(raw: Grpc__Reflection__V1__ListServiceResponse) throws(InvalidValue) {
        self.init(services: try messages(raw.service, raw.n_service, "service"))
    }

    func fill(_ raw: inout Grpc__Reflection__V1__ListServiceResponse, _ arena: inout Arena) {
        (raw.n_service, raw.service) = arena.messages(services)
    }
}

extension ServiceResponse: WireMessage, WireValue {
    init(raw: Grpc__Reflection__V1__ServiceResponse) throws(InvalidValue) {
        self.init(name: text(raw.name))
    }

    func fill(_ raw: inout Grpc__Reflection__V1__ServiceResponse, _ arena: inout Arena) {
        raw.name = arena.text(name)
    }
}

extension ErrorResponse: WireMessage, WireValue {
    init(raw: Grpc__Reflection__V1__ErrorResponse) throws(InvalidValue) {
        self.init(code: raw.error_code, message: text(raw.error_message))
    }

    func fill(_ raw: inout Grpc__Reflection__V1__ErrorResponse, _ arena: inout Arena) {
        raw.error_code = code
        raw.error_message = arena.text(message)
    }
}
