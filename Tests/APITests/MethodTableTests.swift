import API
import Foundation
import Testing

@Suite struct MethodTableTests {
    @Test("the table is what the proto files declare")
    func table() throws {
        #expect(Method.all.map(Self.line) == (try Self.declared()))
    }

    @Test("no path is there twice")
    func distinct() {
        #expect(Set(Method.all.map { $0.path }).count == Method.all.count)
    }

    @Test("a path is what gRPC asks for")
    func path() {
        #expect(Method.Cluster.apply.path == "/huddle.v1.Cluster/Apply")
        #expect(Method.Join.join.path == "/huddle.v1.Join/Join")
    }

    private static func line(_ method: Method) -> String {
        let streams =
            switch method.shape {
            case .unary: (false, false)
            case .serverStream: (false, true)
            case .clientStream: (true, false)
            case .bidirectional: (true, true)
            }
        return "\(method.path) \(streams)"
    }

    /// One line for each rpc, in the order of the files.
    private static func declared() throws -> [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "proto")
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
            .filter { $0.hasSuffix(".proto") }
        // Ours before gRPC's, as the table has them.
        return try files.sorted {
            ($0.hasPrefix("grpc") ? 1 : 0, $0) < ($1.hasPrefix("grpc") ? 1 : 0, $1)
        }
        .flatMap {
            lines(try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
        }
    }

    private static func lines(_ text: String) -> [String] {
        var package = ""
        var service = ""
        var lines: [String] = []
        let pattern =
            /package ([\w.]+);|service (\w+) |rpc (\w+)\((stream )?\w+\) returns \((stream )?\w+\)/
        for match in text.matches(of: pattern) {
            if let name = match.1 { package = String(name) }
            if let name = match.2 { service = String(name) }
            guard let name = match.3 else { continue }
            let streams = (match.4 != nil, match.5 != nil)
            lines.append("/\(package).\(service)/\(name) \(streams)")
        }
        return lines
    }
}
