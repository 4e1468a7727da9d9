import CHuddleProto

/// The proto files as reflection describes them: each one's own descriptor, and what it declares.
///
/// - Source: google/protobuf/descriptor.proto, whose field numbers are used here.
package struct DescriptorPool: Sendable {
    /// One proto file.
    package struct File: Sendable {
        /// As importers name it.
        package let name: String
        let imports: [String]
        /// Full names of messages, enums, services and methods.
        let symbols: Set<String>
        /// A serialized `google.protobuf.FileDescriptorProto`.
        package let bytes: [UInt8]
    }

    /// Every file under `proto/`.
    package static let served = DescriptorPool(bytes: generated())

    /// Imports come before importers.
    package let files: [File]

    /// Reads a `google.protobuf.FileDescriptorSet` that protoc has written.
    private init(bytes: [UInt8]) {
        var files: [File] = []
        Fields(bytes[...]).forEach { number, content in
            if number == 1 { files.append(File(Fields(content))) }
        }
        self.files = files
    }

    /// The file of this name.
    package func file(named name: String) -> File? { files.first { $0.name == name } }

    /// The file that declares a message, enum, service or method.
    package func file(declaring symbol: String) -> File? {
        files.first { $0.symbols.contains(symbol) }
    }

    /// The file and all that it imports, itself first.
    package func closure(of file: File) -> [File] {
        var names: Set<String> = [file.name]
        // From the end, so that whoever imports a file has been seen before it.
        for candidate in files.reversed() where names.contains(candidate.name) {
            names.formUnion(candidate.imports)
        }
        return [file] + files.filter { $0.name != file.name && names.contains($0.name) }
    }

    private static func generated() -> [UInt8] {
        var size = 0
        let start = huddle_descriptor_set(&size)
        return Array(UnsafeBufferPointer(start: start, count: size))
    }
}

extension DescriptorPool.File {
    fileprivate init(_ fields: Fields) {
        let package = fields.text(2)
        name = fields.text(1)
        imports = fields.all(3).map { String(decoding: $0, as: UTF8.self) }
        var symbols: Set<String> = []
        for message in fields.all(4) { Self.add(Fields(message), in: package, to: &symbols) }
        for enumeration in fields.all(5) {
            symbols.insert("\(package).\(Fields(enumeration).text(1))")
        }
        for service in fields.all(6).map({ Fields($0) }) {
            let name = "\(package).\(service.text(1))"
            symbols.insert(name)
            for method in service.all(2) { symbols.insert("\(name).\(Fields(method).text(1))") }
        }
        self.symbols = symbols
        bytes = Array(fields.bytes)
    }

    private static func add(_ message: Fields, in scope: String, to symbols: inout Set<String>) {
        let name = "\(scope).\(message.text(1))"
        symbols.insert(name)
        for nested in message.all(3) { add(Fields(nested), in: name, to: &symbols) }
        for enumeration in message.all(4) {
            symbols.insert("\(name).\(Fields(enumeration).text(1))")
        }
    }
}

/// The fields of a message that have a length; its bytes are part of this build, so damage is our bug.
private struct Fields {
    let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    func all(_ wanted: UInt64) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        forEach { number, content in
            if number == wanted { found.append(content) }
        }
        return found
    }

    func text(_ number: UInt64) -> String {
        all(number).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func forEach(_ body: (UInt64, ArraySlice<UInt8>) -> Void) {
        var rest = bytes
        while !rest.isEmpty {
            let tag = Self.varint(&rest)
            switch tag & 7 {
            case 0: _ = Self.varint(&rest)
            case 1: rest = rest.dropFirst(8)
            case 2:
                let length = Int(Self.varint(&rest))
                precondition(length <= rest.count, "the descriptors end inside field \(tag >> 3)")
                body(tag >> 3, rest.prefix(length))
                rest = rest.dropFirst(length)
            default: rest = rest.dropFirst(4)
            }
        }
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return value
    }
}
