import CInteropProto
import CProtobufC
import Glibc
import HTTP2
import RPC

/// What the cases of gRPC's interoperability description send, of which only sizes matter: bodies are zeros.
/// - Source: grpc/doc/interop-test-descriptions.md.
enum Interop {
    struct SimpleRequest: Equatable {
        var responseSize = 0
        var bodySize = 0
        var responseCompressed: Bool?
        var expectCompressed: Bool?
        var status: RPCStatus?
    }

    struct InputRequest: Equatable {
        var bodySize = 0
        var expectCompressed: Bool?
    }

    struct OutputRequest: Equatable {
        struct Parameters: Equatable {
            var size = 0
            var compressed: Bool?
        }

        var responses: [Parameters] = []
        var bodySize = 0
        var status: RPCStatus?

        init(_ sizes: [Int] = [], bodySize: Int = 0, status: RPCStatus? = nil) {
            responses = sizes.map { Parameters(size: $0) }
            self.bodySize = bodySize
            self.status = status
        }
    }

    static let malformed = RPCStatus(.invalidArgument, "not a message of grpc.testing")
}

extension Interop.SimpleRequest {
    init(_ bytes: [UInt8]) throws(RPCStatus) {
        guard let raw = grpc__testing__simple_request__unpack(nil, bytes.count, bytes) else {
            throw Interop.malformed
        }
        defer { grpc__testing__simple_request__free_unpacked(raw, nil) }
        responseSize = Int(raw.pointee.response_size)
        bodySize = try bodySizeOf(raw.pointee.payload)
        responseCompressed = raw.pointee.response_compressed.map { $0.pointee.value != 0 }
        expectCompressed = raw.pointee.expect_compressed.map { $0.pointee.value != 0 }
        status = try statusOf(raw.pointee.response_status)
    }

    var bytes: [UInt8] {
        let scratch = Scratch()
        var raw = Grpc__Testing__SimpleRequest()
        grpc__testing__simple_request__init(&raw)
        raw.response_size = Int32(responseSize)
        raw.payload = scratch.payload(bodySize)
        raw.response_compressed = scratch.flag(responseCompressed)
        raw.expect_compressed = scratch.flag(expectCompressed)
        raw.response_status = scratch.status(status)
        return packed(raw)
    }
}

extension Interop.InputRequest {
    init(_ bytes: [UInt8]) throws(RPCStatus) {
        guard let raw = grpc__testing__streaming_input_call_request__unpack(nil, bytes.count, bytes)
        else { throw Interop.malformed }
        defer { grpc__testing__streaming_input_call_request__free_unpacked(raw, nil) }
        bodySize = try bodySizeOf(raw.pointee.payload)
        expectCompressed = raw.pointee.expect_compressed.map { $0.pointee.value != 0 }
    }

    var bytes: [UInt8] {
        let scratch = Scratch()
        var raw = Grpc__Testing__StreamingInputCallRequest()
        grpc__testing__streaming_input_call_request__init(&raw)
        raw.payload = scratch.payload(bodySize)
        raw.expect_compressed = scratch.flag(expectCompressed)
        return packed(raw)
    }
}

extension Interop.OutputRequest {
    init(_ bytes: [UInt8]) throws(RPCStatus) {
        guard
            let raw = grpc__testing__streaming_output_call_request__unpack(nil, bytes.count, bytes)
        else { throw Interop.malformed }
        defer { grpc__testing__streaming_output_call_request__free_unpacked(raw, nil) }
        let list = UnsafeBufferPointer(
            start: raw.pointee.response_parameters, count: raw.pointee.n_response_parameters)
        for case let parameters? in list {
            let compressed = parameters.pointee.compressed.map { $0.pointee.value != 0 }
            let size = Int(parameters.pointee.size)
            responses.append(Parameters(size: size, compressed: compressed))
        }
        bodySize = try bodySizeOf(raw.pointee.payload)
        status = try statusOf(raw.pointee.response_status)
    }

    var bytes: [UInt8] {
        let scratch = Scratch()
        var raw = Grpc__Testing__StreamingOutputCallRequest()
        grpc__testing__streaming_output_call_request__init(&raw)
        let list = responses.map {
            response -> UnsafeMutablePointer<Grpc__Testing__ResponseParameters>? in
            var parameters = Grpc__Testing__ResponseParameters()
            grpc__testing__response_parameters__init(&parameters)
            parameters.size = Int32(response.size)
            parameters.compressed = scratch.flag(response.compressed)
            return scratch.keep(parameters)
        }
        raw.n_response_parameters = list.count
        raw.response_parameters = scratch.keep(list)
        raw.payload = scratch.payload(bodySize)
        raw.response_status = scratch.status(status)
        return packed(raw)
    }
}

/// Answers, of which likewise only the size of the body matters.
extension Interop {
    /// A `SimpleResponse` or a `StreamingOutputCallResponse`: both have just a payload, as the first field.
    static func response(_ bodySize: Int) -> [UInt8] {
        let scratch = Scratch()
        var raw = Grpc__Testing__SimpleResponse()
        grpc__testing__simple_response__init(&raw)
        raw.payload = scratch.payload(bodySize)
        return packed(raw)
    }

    /// The size of the body in such an answer.
    static func bodySize(_ bytes: [UInt8]) throws(RPCStatus) -> Int {
        guard let raw = grpc__testing__simple_response__unpack(nil, bytes.count, bytes) else {
            throw malformed
        }
        defer { grpc__testing__simple_response__free_unpacked(raw, nil) }
        return try bodySizeOf(raw.pointee.payload)
    }

    /// A `StreamingInputCallResponse`.
    static func total(_ size: Int) -> [UInt8] {
        var raw = Grpc__Testing__StreamingInputCallResponse()
        grpc__testing__streaming_input_call_response__init(&raw)
        raw.aggregated_payload_size = Int32(size)
        return packed(raw)
    }

    static func total(_ bytes: [UInt8]) throws(RPCStatus) -> Int {
        guard
            let raw = grpc__testing__streaming_input_call_response__unpack(nil, bytes.count, bytes)
        else { throw malformed }
        defer { grpc__testing__streaming_input_call_response__free_unpacked(raw, nil) }
        return Int(raw.pointee.aggregated_payload_size)
    }
}

private let zeros = [UInt8](repeating: 0, count: Limits.messageBytes)

private func bodySizeOf(
    _ payload: UnsafeMutablePointer<Grpc__Testing__Payload>?
) throws(RPCStatus) -> Int {
    guard let body = payload?.pointee.body else { return 0 }
    guard body.len > 0 else { return 0 }
    guard body.len <= zeros.count, memcmp(body.data, zeros, body.len) == 0 else {
        throw RPCStatus(.dataLoss, "a body that is not of zeros")
    }
    return body.len
}

private func statusOf(
    _ status: UnsafeMutablePointer<Grpc__Testing__EchoStatus>?
) throws(RPCStatus) -> RPCStatus? {
    guard let status else { return nil }
    guard let code = RPCStatus.Code(rawValue: Int(status.pointee.code)) else {
        throw RPCStatus(.invalidArgument, "no status has code \(status.pointee.code)")
    }
    return RPCStatus(code, String(cString: status.pointee.message))
}

/// Packs a generated structure, which begins with its `base`.
private func packed<Raw>(_ raw: Raw) -> [UInt8] {
    withUnsafePointer(to: raw) { raw in
        let base = UnsafeRawPointer(raw).assumingMemoryBound(to: ProtobufCMessage.self)
        let size = protobuf_c_message_get_packed_size(base)
        guard size > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = protobuf_c_message_pack(base, buffer.baseAddress)
        }
    }
}

/// Memory of one message's parts while it is packed.
private final class Scratch {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { block.deallocate() } }

    func keep<Value: BitwiseCopyable>(_ value: Value) -> UnsafeMutablePointer<Value> {
        keep([value])
    }

    func keep<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
        let start = UnsafeMutablePointer<Value>.allocate(capacity: max(1, values.count))
        start.initialize(from: values, count: values.count)
        blocks.append(UnsafeMutableRawPointer(start))
        return start
    }

    /// Nothing for an empty body, as the description's clients have it.
    func payload(_ size: Int) -> UnsafeMutablePointer<Grpc__Testing__Payload>? {
        guard size > 0 else { return nil }
        var raw = Grpc__Testing__Payload()
        grpc__testing__payload__init(&raw)
        raw.body = ProtobufCBinaryData(len: size, data: keep([UInt8](repeating: 0, count: size)))
        return keep(raw)
    }

    func flag(_ value: Bool?) -> UnsafeMutablePointer<Grpc__Testing__BoolValue>? {
        guard let value else { return nil }
        var raw = Grpc__Testing__BoolValue()
        grpc__testing__bool_value__init(&raw)
        raw.value = value ? 1 : 0
        return keep(raw)
    }

    func status(_ status: RPCStatus?) -> UnsafeMutablePointer<Grpc__Testing__EchoStatus>? {
        guard let status else { return nil }
        var raw = Grpc__Testing__EchoStatus()
        grpc__testing__echo_status__init(&raw)
        raw.code = Int32(status.code.rawValue)
        raw.message = keep(status.message.utf8CString.map { $0 })
        return keep(raw)
    }
}
