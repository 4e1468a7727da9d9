import CProtobufC
import ClusterModel

/// A message that libprotobuf-c unpacked, and the memory it lies in.
struct Unpacked<Raw: GeneratedMessage>: ~Copyable {
    private let message: UnsafeMutablePointer<ProtobufCMessage>
    private let budget: UnsafeMutablePointer<Budget>

    init(_ bytes: Span<UInt8>) throws(WireFault) {
        guard bytes.count <= Limits.messageBytes else { throw .tooLarge }
        guard let descriptor = Raw.empty.base.descriptor else { throw .malformed }
        var screen = Screen()
        try screen.check(bytes, as: descriptor)
        let budget = Budget.make(bytes: Limits.unpackedBytes)
        let unpacked = bytes.withUnsafeBufferPointer { buffer in
            protobuf_c_message_unpack(
                descriptor, budget.pointer(to: \.allocator), buffer.count, buffer.baseAddress)
        }
        guard let unpacked else {
            let fault = budget.pointee.isExhausted ? WireFault.tooLarge : .malformed
            budget.deallocate()
            throw fault
        }
        self.message = unpacked
        self.budget = budget
    }

    /// What `body` makes of the fields, whose pointers end with this owner: `body` may keep none.
    borrowing func read<Value>(
        _ body: (Raw) throws(InvalidValue) -> Value
    ) throws(InvalidValue) -> Value {
        try body(UnsafeRawPointer(message).assumingMemoryBound(to: Raw.self).pointee)
    }

    deinit {
        protobuf_c_message_free_unpacked(message, budget.pointer(to: \.allocator))
        budget.deallocate()
    }
}
