import ClusterModel
import Foundation
import Simulator
import Specs
import Testing

@Suite("Scenarios for huddle simulate") struct ScenarioTests {
    private static let small = """
        for: 2d
        start: placed
        policy: {ceiling.cpu: 70%}
        hosts:
          - {name: node, count: 2, cpu: 8, memory: 32GiB, labels: {zone: a}, power: {idle: 50}}
          - {name: big, cpu: 32, memory: 128GiB, disk: 2TiB}
        workloads:
          - kind: vm
            name: web
            count: 3
            image: disk
            size: {cpu: 2, memory: 4GiB}
            load: {square: {low: 10%, high: 90%, period: 2h}, phase: own, delay: 10m}
            bandwidth: 40%
            changes: {rate: 40MB/s, set: 256MiB}
          - {kind: vm, name: db, image: disk, size: {cpu: 1, memory: 2GiB}}
        faults:
          - {loss: node-1, at: 1h, for: 10m}
          - {failing: 20%, for: 1d}
          - {coordinator: away, at: 2h, for: 1m}
        """

    private static func read(_ text: String) throws(SpecFailure) -> Scenario {
        try ScenarioFile.read(SpecText(file: "s.yaml", text: text))
    }

    private static func problems(_ text: String) -> [String] {
        do throws(SpecFailure) {
            _ = try read(text)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func everythingIsRead() throws {
        let scenario = try Self.read(Self.small)
        #expect(scenario.hosts.map(\.id.rawValue) == ["big", "node-0", "node-1"])
        #expect(scenario.hosts[1].power == PowerModel(idle: 50, most: 250, asleep: 5))
        #expect(scenario.hosts[0].total.disk == .gibibytes(2048))
        #expect(scenario.length == .seconds(172_800) && scenario.start == .placed)
        #expect(scenario.policy.mode == .auto && scenario.policy.ceilingCPU == .percent(70))
        #expect(scenario.workloads.map(\.workload.count) == [3, 1])
        #expect(
            scenario.workloads[0].load
                == LoadPattern(
                    .square(low: .percent(10), high: .percent(90), period: .seconds(7_200)),
                    isScattered: true, delay: .seconds(600)))
        #expect(scenario.workloads[1].load == .reserved)
        #expect(scenario.workloads.map(\.bandwidth) == [.percent(40), .none])
        let changes = MoveLoad.Changes(rate: BytesPerSecond(40_000_000), set: .mebibytes(256))
        #expect(scenario.workloads.map(\.changes) == [changes, nil])
        #expect(
            scenario.faults == [
                Fault(.loss(HostID("node-1")), begins: .seconds(3_600), length: .seconds(600)),
                Fault(.failing(.percent(20)), begins: .zero, length: .seconds(86_400)),
                Fault(.coordinator, begins: .seconds(7_200), length: .seconds(60)),
            ])
    }

    @Test(
        "what is wrong is named with its place and what to write",
        arguments: [
            (
                "cpu: 8, memory", "cpus: 8, memory",
                "s.yaml:5:28: hosts[0].cpus: unknown key 'cpus' (did you mean 'cpu'?)"
            ),
            ("loss: node-1", "loss: node-2", "there is no host 'node-2' (did you mean 'node-0'?)"),
            ("square:", "sqare:", "unknown key 'sqare' (did you mean 'square'?)"),
            ("ceiling.cpu: 70%", "ceiling.cpu: 99%", "hot.cpu is below ceiling.cpu"),
            ("start: placed", "start: place", "(did you mean 'placed'?)"),
            ("idle: 50", "idle: 50, most: 40", "is less than idle"),
            ("size: {cpu: 2, ", "size: {cpu: 0, ", "size.cpu: has to be above zero"),
            ("low: 10%, high: 90%", "low: 95%, high: 90%", "low is above high"),
            ("{rate: 40MB/s, ", "{", "workloads[0].changes.rate: is missing"),
            ("40MB/s", "40", "changes.rate: "),
            (
                "- {kind: vm, name: db, ",
                "- {kind: container, name: db, changes: {rate: 1MB/s}, ",
                "workloads[1].changes: is for VMs"
            ),
            ("for: 2d", "for: 9999d", "at most 366d"),
            ("name: big", "name: node-0", "there is a host node-0 already"),
            ("at: 1h, for: 10m", "at: 1h", "faults[0].for: is missing"),
        ])
    func problem(written: String, wrong: String, said: String) {
        let text = Self.small.split(
            separator: written, maxSplits: 1, omittingEmptySubsequences: false
        )
        .joined(separator: wrong)
        let problems = Self.problems(text)
        #expect(problems.contains { $0.contains(said) }, "\(problems)")
        #expect(problems.allSatisfy { $0.hasPrefix("s.yaml:") })
    }

    @Test func nothingIsNoScenario() {
        #expect(Self.problems("").first?.contains("is one document, not 0") == true)
        #expect(
            Self.problems("hosts: []\nworkloads: []").first?.contains("there is no host") == true)
    }

    @Test("the simulations that we ship read")
    func examples() throws {
        let directory = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(
                path: "deploy/examples/simulations")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(!names.isEmpty)
        for name in names {
            let text = try String(contentsOf: directory.appending(path: name), encoding: .utf8)
            #expect(throws: Never.self) { try Self.read(text) }
        }
    }
}
