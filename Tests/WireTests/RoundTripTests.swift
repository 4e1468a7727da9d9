import Foundation
import Testing
import Wire

@Suite struct RoundTripTests {
    @Test("every value comes back from its bytes", arguments: Subject.all)
    func roundTrip(_ subject: Subject) throws {
        for seed in UInt64(0)..<300 {
            #expect(try subject.returns(seed), "\(subject.name), seed \(seed)")
        }
    }

    @Test("the same value has the same bytes", arguments: Subject.all)
    func stableBytes(_ subject: Subject) throws {
        for seed in UInt64(0)..<20 {
            #expect(try subject.recoded(subject.bytes(seed)) == subject.bytes(seed))
        }
    }

    @Test("no message of the proto files is left out")
    func complete() throws {
        // Parts of a message that has a value of ours, which tests of that value cover.
        let parts: Set = [
            "Acknowledged", "Capability", "Command", "HttpProbe", "JointDemand", "KernelImage",
            "NetworkHost", "NetworkInstance", "PercentileDemand",
        ]
        let declared = try ProtoFiles.read().messages
        #expect(Set(declared).subtracting(parts) == Set(Subject.all.map { $0.name }))
    }
}

/// The proto files as text.
struct ProtoFiles {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "proto")

    let messages: [String]

    /// Every file that there is; v1alpha has the messages of v1 once more.
    static func read() throws -> ProtoFiles {
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
            .filter { $0.hasSuffix(".proto") && !$0.contains("v1alpha") }
            .map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
        let messages = files.flatMap { file in
            file.matches(of: /message (\w+) \{/).map { match in String(match.1) }
        }
        return ProtoFiles(messages: messages)
    }
}
