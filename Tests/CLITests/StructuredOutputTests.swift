import CLI
import ClusterModel
import Foundation
import RPC
import Specs
import Testing
import Wire

@Suite struct StructuredOutputTests {
    private static let spec = "kind: container\nname: web\nimage: i\nsize: {cpu: 1, memory: 1GiB}\n"

    /// Every command that writes a result; `exec` and `console` write what the instance does.
    static let commands: [[String]] = [
        ["apply", "-f", "/s/web.yaml"], ["apply", "-f", "/s/web.yaml", "--dry-run"], ["get"],
        ["get", "workloads"], ["get", "instances"], ["get", "hosts"], ["get", "build"],
        ["get", "web-0"],
        ["describe", "web"], ["describe", "web-0"], ["describe", "lab-1"],
        ["delete", "web", "--yes"],
        ["hosts"], ["hosts", "-o", "wide"], ["host", "remove", "lab-1", "--yes"],
        ["host", "fence", "lab-3", "--yes"], ["drain", "lab-2", "--dry-run"],
        ["drain", "lab-2", "--yes"],
        ["restore", "lab-2"], ["plan"], ["plan", "--drain", "lab-1"],
        ["plan", "--relieve", "lab-1"],
        ["pack", "--yes"], ["pack", "--plan", "p7", "--yes"], ["migrate", "web-0"], ["moves"],
        ["moves", "cancel", "m2"], ["explain", "web-0"], ["explain", "mail"], ["events"],
        ["events", "-n", "5"], ["policy"], ["policy", "show"],
        ["policy", "set", "ceiling.cpu=85%"],
        ["token", "create"], ["image"], ["image", "list"], ["image", "add", "d", "/s/image.tar"],
        ["image", "remove", "debian-13", "--yes"], ["version"],
    ]

    private func desk() -> Desk {
        Desk(files: [
            "/s/web.yaml": Self.spec, "/s/image.tar": String(repeating: "x", count: 257) + "ustar",
        ])
    }

    private func cluster(_ desk: Desk) throws -> ClusterAccess {
        var access = try ClusterAccess.sample(desk)
        access.listHosts = { _ in
            .init(hosts: [
                Fixtures.host("lab-1", reserved: 1, used: 1, instances: 1),
                Fixtures.host("lab-2", reserved: 1, used: 1, instances: 0),
                Fixtures.host("lab-3", reserved: 1, used: 1, instances: 0),
            ])
        }
        return access
    }

    @Test("-o json is one JSON value and nothing else", arguments: commands)
    func json(command: [String]) async throws {
        let desk = desk()
        let ending = await desk.run(command + ["-o", "json"], try cluster(desk))
        #expect(ending.status == .done, "\(ending.errors)")
        let value = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
        #expect(value is [String: Any], "\(ending.output)")
        #expect(ending.output.hasSuffix("}\n"))
    }

    @Test("-o yaml reads as YAML, before or after the command", arguments: commands)
    func yaml(command: [String]) async throws {
        let desk = desk()
        let ending = await desk.run(
            ["-o", "yaml"] + command.filter { $0 != "-o" && $0 != "wide" }, try cluster(desk))
        #expect(ending.status == .done, "\(ending.errors)")
        #expect(!ending.output.isEmpty)
        // Every value that our own reader takes is YAML; it then finds that the keys are no
        // workload's.
        #expect(
            !problems(ending.output).contains { $0.contains("did not find") }, "\(ending.output)")
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try WorkloadFiles.read([SpecText(file: "-", text: text)])
            return []
        } catch {
            return error.problems.map(\.problem)
        }
    }

    @Test("streams are one JSON value a line", arguments: [["events", "-f"], ["logs", "web"]])
    func lines(command: [String]) async throws {
        let ending = await Desk().run(command + ["-o", "json"], try .sample())
        #expect(ending.status == .done)
        let lines = ending.output.split(separator: "\n")
        #expect(lines.count >= 2)
        for line in lines {
            #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
        }
    }

    @Test("integers are raw and their keys name the unit")
    func units() async throws {
        let ending = await Desk().run(["hosts", "-o", "json"], try .sample())
        let value = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
        let hosts = try #require((value as? [String: Any])?["hosts"] as? [[String: Any]])
        let capacity = try #require(hosts[0]["capacity"] as? [String: Any])
        #expect(capacity["cpuMillicores"] as? Int == 1000)
        #expect(capacity["memoryBytes"] as? Int == 2 << 30)
        #expect(hosts[0]["name"] as? String == "lab-1" && hosts[0]["state"] as? String == "ready")
        let capabilities = try #require(hosts[0]["capabilities"] as? [[String: Any]])
        // Scripts find hosts by name and state; a capability must not look like one.
        #expect(capabilities.allSatisfy { $0["state"] == nil })
    }

    @Test("get -o yaml is a spec that reads back to the same workloads")
    func specs() async throws {
        let ending = await Desk().run(["get", "-o", "yaml"], try .sample())
        let read = try WorkloadFiles.read([SpecText(file: "-", text: ending.output)])
        let expected = try Fixtures.workloads().map(\.workload).sorted { $0.name < $1.name }
        #expect(read == expected)
        let one = await Desk().run(["get", "web", "-o", "yaml"], try .sample())
        #expect(
            try WorkloadFiles.read([SpecText(file: "-", text: one.output)]).map(\.name.rawValue)
                == ["web"])
    }
}
