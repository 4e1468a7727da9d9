import CHuddleProto
import CProtobufC
import ClusterModel
import Foundation
import Testing

@testable import Wire

/// The bounds of one message: what is just within them is read, and no more.
@Suite struct LimitTests {
    @Test("a message has as many bytes as the limit says, and not one more")
    func size() throws {
        // Tag and length before the content.
        let most = Limits.messageBytes - 5
        let chunk = Chunk(bytes: [UInt8](repeating: 1, count: most))
        #expect(chunk.encoded().count == Limits.messageBytes)
        #expect(try Chunk(decoding: chunk.encoded()) == chunk)
        let more = Chunk(bytes: [UInt8](repeating: 1, count: most + 1))
        #expect(throws: WireFault.tooLarge) { try Chunk(decoding: more.encoded()) }
    }

    @Test("repeated fields have as many elements together as the limit says, and not one more")
    func count() throws {
        let most = ListServiceResponse(
            services: [ServiceResponse](
                repeating: ServiceResponse(name: ""), count: Limits.elements))
        #expect(try ListServiceResponse(decoding: most.encoded()) == most)
        let more = ListServiceResponse(services: most.services + [ServiceResponse(name: "")])
        #expect(throws: WireFault.tooMany(field: "service")) {
            try ListServiceResponse(decoding: more.encoded())
        }
        // Packed numbers count one by one.
        let numbers = ExtensionNumberResponse(
            type: "", numbers: [Int32](repeating: 0, count: Limits.elements + 1))
        #expect(throws: WireFault.tooMany(field: "extension_number")) {
            try ExtensionNumberResponse(decoding: numbers.encoded())
        }
    }

    @Test("messages are nested as deep as the limit says, and not one deeper")
    func depth() throws {
        try Self.withNest { nest in
            for (depth, fault) in [
                (1, nil), (Limits.nesting, nil), (Limits.nesting + 1, WireFault.malformed),
                (10_000, .malformed),
            ] as [(Int, WireFault?)] {
                let bytes = Self.nested(depth)
                var screen = Screen()
                do throws(WireFault) {
                    try screen.check(bytes.span, as: nest)
                    #expect(fault == nil, "depth \(depth)")
                } catch {
                    #expect(error == fault, "depth \(depth)")
                }
            }
        }
    }

    @Test("the depth of what nobody knows costs nothing")
    func unknownDepth() throws {
        let bomb = Draft().content(900, Self.nested(10_000)).bytes
        #expect(try Label(decoding: bomb) == Label(name: "", value: ""))
    }

    @Test("the deepest message of the proto files is as deep as the limit")
    func deepest() throws {
        var parts: [String: Set<String>] = [:]
        for file in DescriptorPool.served.files {
            let text = try String(
                contentsOf: ProtoFiles.folder.appending(path: file.name), encoding: .utf8
            ).replacing(/\/\/.*/, with: "")
            for match in text.matches(of: /message (\w+) \{((?:[^{}]|\{[^{}]*\})*)\}/) {
                let types = match.2.matches(of: /(?:^|[;{]|repeated)\s*([A-Z]\w*)\s+\w+\s*=/)
                parts[String(match.1), default: []].formUnion(types.map { String($0.1) })
            }
        }
        func depth(_ name: String, _ above: Set<String> = []) -> Int {
            guard !above.contains(name), let inner = parts[name] else { return .min / 2 }
            return 1 + max(0, inner.map { depth($0, above.union([name])) }.max() ?? 0)
        }
        let depths = parts.keys.map { ($0, depth($0)) }
        #expect(depths.count > 90)
        #expect(depths.map(\.1).max() == Limits.nesting)
    }

    /// `depth` messages, each but the last in field 1 of another.
    private static func nested(_ depth: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 1..<depth {
            // From the end, so that each length is known.
            bytes.append(contentsOf: Draft.varint(UInt64(bytes.count)).reversed())
            bytes.append(0x0A)
        }
        return bytes.reversed()
    }

    /// A message that holds itself, which none of ours does: field 1 of it.
    private static func withNest(
        _ body: (UnsafePointer<ProtobufCMessageDescriptor>) throws -> Void
    ) throws {
        var nest = ProtobufCMessageDescriptor()
        var field = ProtobufCFieldDescriptor()
        var range = [
            ProtobufCIntRange(start_value: 1, orig_index: 0),
            ProtobufCIntRange(start_value: 0, orig_index: 1),
        ]
        try withUnsafeMutablePointer(to: &nest) { nest in
            try withUnsafeMutablePointer(to: &field) { field in
                try range.withUnsafeMutableBufferPointer { range in
                    field.pointee.id = 1
                    field.pointee.type = PROTOBUF_C_TYPE_MESSAGE
                    field.pointee.label = PROTOBUF_C_LABEL_NONE
                    field.pointee.descriptor = UnsafeRawPointer(nest)
                    nest.pointee.n_fields = 1
                    nest.pointee.fields = UnsafePointer(field)
                    nest.pointee.n_field_ranges = 1
                    nest.pointee.field_ranges = UnsafePointer(range.baseAddress)
                    try body(UnsafePointer(nest))
                }
            }
        }
    }
}
