import Foundation
import HostIO
import Testing

/// A process in a group of its own stands still and goes on.
@Suite(
    .enabled(
        if: FileManager.default.isWritableFile(atPath: "/sys/fs/cgroup/freezer/tasks"),
        "no freezer of cgroup v1 that this user may use"))
final class FreezerTests {
    private static let mount = "/sys/fs/cgroup/freezer"

    private let name = "huddle-test-\(UInt32.random(in: 0...UInt32.max))"
    private let busy = Process()

    init() throws {
        busy.executableURL = URL(filePath: "/bin/sh")
        busy.arguments = ["-c", "while :; do :; done"]
        try busy.run()
        try FileManager.default.createDirectory(
            atPath: group, withIntermediateDirectories: false)
        try HostFile.write("\(busy.processIdentifier)", into: group + "/cgroup.procs")
    }

    deinit {
        try? HostFile.write("THAWED", into: group + "/freezer.state")
        kill(busy.processIdentifier, SIGKILL)
        busy.waitUntilExit()
        rmdir(group)
    }

    private var group: String { "\(Self.mount)/\(name)" }

    /// Ticks of the processor that it has used.
    private func used() throws -> Int {
        let fields = try HostFile.text("/proc/\(busy.processIdentifier)/stat").split(separator: " ")
        return try #require(Int(fields[13]))
    }

    @Test func itStandsStillAndGoesOn() async throws {
        let freezer = try #require(Freezer(of: busy.processIdentifier, named: name))
        #expect(!freezer.isFreezing)
        #expect(await freezer.freeze(within: .seconds(5)))
        #expect(freezer.isFreezing)
        let before = try used()
        try await Task.sleep(for: .milliseconds(200))
        #expect(try used() == before)
        freezer.thaw()
        #expect(!freezer.isFreezing)
        while try used() == before { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func aGroupOfAnotherNameIsLeftAlone() {
        #expect(Freezer(of: busy.processIdentifier, named: "another") == nil)
    }
}
