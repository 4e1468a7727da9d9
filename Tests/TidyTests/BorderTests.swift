import Foundation
import Testing

@Suite("C stays behind its wrappers") struct BorderTests {
    /// The C libraries, and the files of ours that may name them: one wrapper each.
    private static let wrappers: [(module: String, files: Set<String>)] = [
        (
            "CNghttp2",
            [
                "Sources/HTTP2/HTTP2Session+Setup.swift", "Sources/HTTP2/HTTP2Session.swift",
                "Sources/HTTP2/HeaderBlock.swift", "Sources/HTTP2/SessionCallbacks.swift",
            ]
        ),
        (
            "CZlib",
            [
                "Sources/RPC/ZlibStream.swift",
                // Reads the test beds' packed lists, whole files by name.
                "Sources/huddle-bench/Scale/Gunzip.swift",
            ]
        ),
        ("CZstd", ["Sources/Zstd/ZstdCompressor.swift", "Sources/Zstd/ZstdExpander.swift"]),
        ("CLinux", ["Sources/HostIO/Attributes.swift", "Sources/HostIO/FileSystem.swift"]),
        (
            "CProtobufC",
            [
                "Sources/Wire/Format/Arena.swift", "Sources/Wire/Format/Budget.swift",
                "Sources/Wire/Format/GeneratedMessage.swift", "Sources/Wire/Format/Reading.swift",
                "Sources/Wire/Format/Screen.swift", "Sources/Wire/Format/Unpacked.swift",
                // Measures beside foreign servers with messages of its own.
                "Sources/huddle-bench/BenchMessages.swift",
            ]
        ),
    ]

    /// What owns memory of C, and must not be copied.
    private static let owners = [
        ("Sources/HTTP2/HTTP2Session.swift", "struct HTTP2Session: ~Copyable"),
        ("Sources/RPC/ZlibStream.swift", "struct ZlibStream: ~Copyable"),
        ("Sources/Zstd/ZstdCompressor.swift", "struct ZstdCompressor: ~Copyable"),
        ("Sources/Zstd/ZstdExpander.swift", "struct ZstdExpander: ~Copyable"),
        ("Sources/Wire/Format/Arena.swift", "struct Arena: ~Copyable"),
        ("Sources/Wire/Format/Unpacked.swift", "struct Unpacked<Raw: GeneratedMessage>: ~Copyable"),
    ]

    @Test("only the wrappers import the C libraries", arguments: wrappers.map(\.module))
    func imports(module: String) throws {
        let allowed = Self.wrappers.first { $0.module == module }?.files
        let found = try SourceTree.files(under: "Sources").filter { file in
            file.lines.contains { $0.hasSuffix("import \(module)") }
        }
        #expect(Set(found.map(\.path)) == allowed)
    }

    @Test("generated messages are named in Wire only")
    func generated() throws {
        for file in try SourceTree.files(under: "Sources") where file.target != "Wire" {
            #expect(
                !file.lines.contains { $0.hasSuffix("import CHuddleProto") }, "\(file.path)")
        }
    }

    @Test("what owns memory of C cannot be copied and frees it", arguments: owners)
    func owner(path: String, declaration: String) throws {
        let file = try #require(try SourceTree.files(under: "Sources").first { $0.path == path })
        #expect(file.lines.contains { $0.contains(declaration) })
        #expect(file.lines.contains { $0.contains("deinit {") })
    }

    @Test("no pointer stands in what a target offers to others")
    func pointers() throws {
        let forms = ["Unsafe", "OpaquePointer", "nghttp2_", "ProtobufC", "z_stream"]
        for file in try SourceTree.files(under: "Sources") {
            for declaration in Self.declarations(in: file.lines) {
                for form in forms where declaration.contains(form) {
                    Issue.record("\(file.path): \(declaration)")
                }
            }
        }
    }

    /// Each `package` or `public` declaration up to its body, on one line.
    private static func declarations(in lines: [String]) -> [String] {
        var found: [String] = []
        for (number, line) in lines.enumerated() {
            let words = line.split(separator: " ")
            guard words.contains(where: { $0 == "package" || $0 == "public" }),
                !words.contains("import"), !words.contains(where: { $0.hasPrefix("//") })
            else { continue }
            var declaration = ""
            for next in lines[number...].prefix(12) {
                declaration += next.split(separator: "{").first ?? ""
                if next.contains("{") || next.contains(" = ") { break }
                if next.isEmpty { break }
            }
            found.append(declaration)
        }
        return found
    }
}
