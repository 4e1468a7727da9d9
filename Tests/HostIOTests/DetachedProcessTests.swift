import ClusterModel
import Glibc
import HostIO
import Testing

@Suite(
    .enabled(if: geteuid() == 0, "only root may make control groups and become another user"),
    .timeLimit(.minutes(1)))
final class DetachedProcessTests {
    private let directory = "/tmp/huddle-detached-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    private let group: ControlGroup

    init() throws {
        group = ControlGroup(
            "huddle-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))",
            in: try ControlGroupTree.mounted())
        try HostFile.makeDirectory(directory, mode: 0o755)
        try group.create(
            .init(weight: CPU(millicores: 100), cap: CPU(millicores: 500), memory: .mebibytes(64)))
    }

    deinit { try? HostFile.remove(directory) }

    private var process: DetachedProcess {
        DetachedProcess(identityFile: directory + "/process", exitFile: directory + "/exit")
    }

    private func program(_ script: String) -> DetachedProcess.Program {
        DetachedProcess.Program(
            path: "/bin/sh", arguments: ["-c", script], user: 420_042, output: directory + "/out")
    }

    @Test func processIsItsOwn() async throws {
        let identity = try await process.start(program("echo hello; exec sleep 1000"), in: group)
        #expect(process.identity == identity)
        #expect(process.exitCode == nil)
        #expect(group.members().contains(identity.process))
        // Begun is before the change of user; what the program says is after it.
        while ((try? HostFile.text(directory + "/out")) ?? "").isEmpty { await Task.yield() }
        let status = try HostFile.text("/proc/\(identity.process)/status")
        #expect(status.contains("Uid:\t420042\t420042"))
        #expect(status.contains("CapBnd:\t0000000000000000"))
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(!status.contains("PPid:\t\(getpid())\n"))
        #expect(getsid(identity.process) == identity.process)
        let handle = try #require(ProcessHandle(identity))
        #expect(handle.signal(.kill))
        #expect(await handle.ended())
        try await group.remove()
        #expect(!group.exists)
    }

    @Test func exitCodeIsNoted() async throws {
        let identity = try await process.start(program("sleep 0.1; exit 9"), in: group)
        _ = await ProcessHandle(identity)?.ended()
        // The shell notes it a moment later, and leaves the group when it has.
        while !group.members().isEmpty { await Task.yield() }
        #expect(process.exitCode == 9)
        try await group.remove()
    }

    @Test func programThatIsMissingEndsAtOnceWithItsReason() async throws {
        let missing = DetachedProcess.Program(
            path: "/no/such/program", arguments: [], user: 420_042, output: directory + "/out")
        _ = try? await process.start(missing, in: group)
        while !group.members().isEmpty { await Task.yield() }
        #expect(try HostFile.text(directory + "/out").contains("/no/such/program"))
        #expect(process.exitCode == 127)
        try await group.remove()
    }
}
