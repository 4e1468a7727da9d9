import CProtobufC
import ClusterModel

/// The look at a message's bytes before C unpacks them.
///
/// libprotobuf-c bounds neither repetition nor memory, takes text that is not UTF-8, and hands text
/// on as C strings, which end at a NUL. What it would let through or cut off is refused here, by
/// the same descriptors that it reads with.
struct Screen {
    private var elements = 0

    /// Checks `bytes` as a message of `descriptor`.
    mutating func check(
        _ bytes: Span<UInt8>, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>,
        depth: Int = 1
    ) throws(WireFault) {
        guard depth <= Limits.nesting else { throw .malformed }
        var position = 0
        while position < bytes.count {
            let tag = try Self.varint(bytes, &position)
            guard tag <= UInt64(UInt32.max), tag >> 3 > 0 else { throw .malformed }
            let field = protobuf_c_message_descriptor_get_field(descriptor, UInt32(tag >> 3))
            switch tag & 7 {
            case 0:
                _ = try Self.varint(bytes, &position)
                try count(field, 1)
            case 1: try Self.skip(8, bytes, &position)
            case 2:
                let length = try Self.varint(bytes, &position)
                guard length <= UInt64(bytes.count - position) else { throw .malformed }
                let end = position + Int(length)
                if let field { try check(bytes.extracting(position..<end), of: field, depth) }
                position = end
            case 5: try Self.skip(4, bytes, &position)
            default: throw .malformed  // groups, which proto3 has not
            }
        }
    }

    /// Checks the content of a known field that has a length.
    private mutating func check(
        _ content: Span<UInt8>, of field: UnsafePointer<ProtobufCFieldDescriptor>, _ depth: Int
    ) throws(WireFault) {
        switch field.pointee.type {
        case PROTOBUF_C_TYPE_STRING:
            try count(field, 1)
            try Self.checkText(content, of: field)
        case PROTOBUF_C_TYPE_BYTES: try count(field, 1)
        case PROTOBUF_C_TYPE_MESSAGE:
            try count(field, 1)
            guard let inner = field.pointee.descriptor else { return }
            let descriptor = inner.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
            try check(content, as: descriptor, depth: depth + 1)
        default: try count(field, content.count)  // packed numbers of at least one byte each
        }
    }

    private mutating func count(
        _ field: UnsafePointer<ProtobufCFieldDescriptor>?, _ added: Int
    ) throws(WireFault) {
        guard let field, field.pointee.label == PROTOBUF_C_LABEL_REPEATED else { return }
        elements += added
        guard elements <= Limits.elements else { throw .tooMany(field: Self.name(of: field)) }
    }

    private static func checkText(
        _ content: Span<UInt8>, of field: UnsafePointer<ProtobufCFieldDescriptor>
    ) throws(WireFault) {
        for index in content.indices where content[index] == 0 {
            throw .invalid(InvalidValue(name(of: field), "contains a NUL character"))
        }
        do {
            _ = try UTF8Span(validating: content)
        } catch {
            throw .malformed
        }
    }

    private static func name(of field: UnsafePointer<ProtobufCFieldDescriptor>) -> String {
        String(cString: field.pointee.name)
    }

    /// Reads a number of at most 64 bits, seven to a byte.
    /// - Source: Protocol Buffers, "Encoding", Base 128 Varints.
    private static func varint(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(WireFault) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < bytes.count else { throw .malformed }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .malformed
    }

    private static func skip(
        _ length: Int, _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(WireFault) {
        guard bytes.count - position >= length else { throw .malformed }
        position += length
    }
}
