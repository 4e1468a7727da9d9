import Foundation
import HostIO
import Testing

/// The programs that we ship for switching hosts, with tools that only note how they are called.
@Suite struct PowerProgramTests {
    private static let shipped = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "deploy/power")

    /// A directory with the tools, the table of hosts and what was called.
    private func place(_ tools: [String: String], hosts: String) throws -> URL {
        let place = FileManager.default.temporaryDirectory
            .appending(component: "huddle-power-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let calls = place.appending(component: "calls").path(percentEncoded: false)
        for (name, body) in tools {
            let file = place.appending(component: name)
            try "#!/bin/sh\necho \"\(name) $*\" >>'\(calls)'\n\(body)\n"
                .write(to: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: file.path(percentEncoded: false))
        }
        try hosts.write(
            to: place.appending(component: "hosts"), atomically: true, encoding: .utf8)
        return place
    }

    private func run(_ name: String, _ arguments: [String], in place: URL) async throws
        -> Tool.Outcome
    {
        let here = place.path(percentEncoded: false)
        return try await Tool.run(
            "/usr/bin/env",
            [
                "PATH=\(here):/usr/bin:/bin", "HUDDLE_POWER_HOSTS=\(here)/hosts",
                "HUDDLE_POWER_PASSWORD=/secret", "HUDDLE_POWER_PATIENCE=2",
                "HUDDLE_POWER_PAUSE=0.01",
                Self.shipped.appending(path: name).path(percentEncoded: false),
            ] + arguments)
    }

    private func calls(_ place: URL) throws -> [String] {
        try String(contentsOf: place.appending(component: "calls"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    @Test("IPMI: a host is off when the program says so, and is told to be on")
    func ipmi() async throws {
        // It is on when it is looked at first, and off from then on.
        let tool = """
            case "$*" in
                *soft) exit 0 ;;
                *status)
                    if [ -e "$0.off" ]; then echo "Chassis Power is off"
                    else echo "Chassis Power is on"; touch "$0.off"; fi ;;
            esac
            """
        let place = try place(["ipmitool": tool], hosts: "a 192.0.2.1 root\nb 192.0.2.2 admin\n")
        defer { try? FileManager.default.removeItem(at: place) }
        #expect(try await run("ipmi", ["sleep", "b"], in: place).status.isSuccess)
        let call = "ipmitool -I lanplus -H 192.0.2.2 -U admin -f /secret chassis power"
        #expect(try calls(place) == ["\(call) soft", "\(call) status", "\(call) status"])
        #expect(try await run("ipmi", ["wake", "b"], in: place).status.isSuccess)
        #expect(try calls(place).last == "\(call) on")
        let unknown = try await run("ipmi", ["wake", "c"], in: place)
        #expect(!unknown.status.isSuccess)
        #expect(unknown.complaint.hasSuffix("has no line 'c ADDRESS USER'"))
    }

    @Test("IPMI: a host that stays on is no success")
    func ipmiStaysOn() async throws {
        let place = try place(
            ["ipmitool": "echo Chassis Power is on"], hosts: "a 192.0.2.1 root\n")
        defer { try? FileManager.default.removeItem(at: place) }
        let outcome = try await run("ipmi", ["sleep", "a"], in: place)
        #expect(!outcome.status.isSuccess)
        #expect(outcome.complaint == "a is still on after 2s")
    }

    @Test("wake-on-LAN: a host is suspended until it answers no more, and woken by its card")
    func lan() async throws {
        let place = try place(
            ["ssh": "exit 255", "ping": "exit 1", "wakeonlan": ""],
            hosts: "a 192.0.2.1 02:00:00:00:00:01\n")
        defer { try? FileManager.default.removeItem(at: place) }
        #expect(try await run("lan", ["sleep", "a"], in: place).status.isSuccess)
        #expect(try calls(place).contains { $0.hasPrefix("ssh ") && $0.contains("root@192.0.2.1") })
        #expect(try await run("lan", ["wake", "a"], in: place).status.isSuccess)
        #expect(try calls(place).last == "wakeonlan 02:00:00:00:00:01")
    }
}
