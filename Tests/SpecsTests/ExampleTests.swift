import Foundation
import Specs
import Testing

@Suite struct ExampleTests {
    @Test("the examples that we ship read, and together")
    func examples() throws {
        let directory = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(
                path: "deploy/examples")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            .filter { $0.hasSuffix(".yaml") }.sorted()
        let texts = try names.map { name in
            SpecText(
                file: name,
                text: try String(contentsOf: directory.appending(path: name), encoding: .utf8))
        }
        #expect(!texts.isEmpty)
        #expect(try WorkloadFiles.read(texts).count >= texts.count)
    }
}
