import CProtobufC
import ClusterModel

/// The C memory of one message while it is packed; all of it ends with this owner.
struct Arena: ~Copyable {
    private var blocks: [UnsafeMutableRawPointer] = []
    private var cursor: UnsafeMutableRawPointer?
    private var room = 0

    /// Most messages fit in one block.
    private static let blockBytes = 4096
    private static let alignment = 16

    /// The bytes of `value`.
    static func pack<Value: WireValue>(_ value: Value) -> [UInt8] {
        var arena = Arena()
        // Nothing below names the arena, and all of it lies there.
        defer { extendLifetime(arena) }
        let message = UnsafeMutableRawPointer(arena.build(value))
            .assumingMemoryBound(to: ProtobufCMessage.self)
        let size = protobuf_c_message_get_packed_size(message)
        // An array without room is one that all share, and its count would be written to.
        guard size > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = protobuf_c_message_pack(message, buffer.baseAddress)
        }
    }

    private mutating func build<Value: WireValue>(
        _ value: Value
    ) -> UnsafeMutablePointer<Value.Raw> {
        var raw = Value.Raw.empty
        value.fill(&raw, &self)
        return place(raw)
    }

    /// A copy of `raw` that lives as long as the arena.
    mutating func place<Raw: GeneratedMessage>(_ raw: Raw) -> UnsafeMutablePointer<Raw> {
        let pointer = allocate(Raw.self, 1)
        pointer.initialize(to: raw)
        return pointer
    }

    mutating func message<Value: WireValue>(
        _ value: Value?
    ) -> UnsafeMutablePointer<Value.Raw>? {
        guard let value else { return nil }
        return build(value)
    }

    mutating func messages<Value: WireValue>(
        _ values: [Value]
    ) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<Value.Raw>?>?) {
        list(values) { value, arena in arena.build(value) }
    }

    /// A C string; it cannot hold a NUL, which U+FFFD stands for.
    mutating func text(_ string: String) -> UnsafeMutablePointer<CChar> {
        guard !string.utf8.contains(0) else {
            return text(String(string.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
        }
        let count = string.utf8.count
        let pointer = allocate(CChar.self, count + 1)
        var index = 0
        for unit in string.utf8 {
            pointer[index] = CChar(bitPattern: unit)
            index += 1
        }
        pointer[count] = 0
        return pointer
    }

    mutating func texts(
        _ strings: [String]
    ) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        list(strings) { string, arena in arena.text(string) }
    }

    mutating func id<Entity>(_ id: ID<Entity>?) -> UnsafeMutablePointer<CChar> {
        text(id?.rawValue ?? "")
    }

    mutating func ids<Entity>(
        _ ids: [ID<Entity>]
    ) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        texts(ids.map(\.rawValue))
    }

    mutating func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        let pointer = allocate(UInt8.self, bytes.count)
        bytes.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.initialize(from: base, count: source.count) }
        }
        return ProtobufCBinaryData(len: bytes.count, data: pointer)
    }

    mutating func numbers<Number: BitwiseCopyable>(
        _ numbers: [Number]
    ) -> (Int, UnsafeMutablePointer<Number>?) {
        let pointer = allocate(Number.self, numbers.count)
        for (index, number) in numbers.enumerated() { pointer[index] = number }
        return (numbers.count, pointer)
    }

    mutating func list<Value, Element>(
        _ values: [Value], _ make: (Value, inout Arena) -> UnsafeMutablePointer<Element>
    ) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<Element>?>?) {
        let pointer = allocate(UnsafeMutablePointer<Element>?.self, values.count)
        for (index, value) in values.enumerated() { pointer[index] = make(value, &self) }
        return (values.count, pointer)
    }

    private mutating func allocate<Element>(
        _: Element.Type, _ count: Int
    ) -> UnsafeMutablePointer<Element> {
        let size = MemoryLayout<Element>.stride * count
        let rounded = (size + Self.alignment - 1) / Self.alignment * Self.alignment
        guard let start = cursor, rounded <= room else {
            let capacity = max(rounded, Self.blockBytes)
            let block = UnsafeMutableRawPointer.allocate(
                byteCount: capacity, alignment: Self.alignment)
            blocks.append(block)
            return advance(from: block, rounded, of: capacity, Element.self)
        }
        return advance(from: start, rounded, of: room, Element.self)
    }

    private mutating func advance<Element>(
        from start: UnsafeMutableRawPointer, _ size: Int, of available: Int, _: Element.Type
    ) -> UnsafeMutablePointer<Element> {
        cursor = start + size
        room = available - size
        return start.assumingMemoryBound(to: Element.self)
    }

    deinit {
        for block in blocks { block.deallocate() }
    }
}
