import ClusterModel
import Specs
import Testing

@Suite struct WorkloadTextTests {
    @Test("what is written reads back to the same workload", arguments: UInt64(0)..<400)
    func roundTrip(seed: UInt64) throws {
        var source = WorkloadSource(seed: seed)
        let workloads = [try source.workload("a"), try source.workload("b")]
        let text = WorkloadText.write(workloads)
        #expect(try read(text) == workloads, "seed \(seed)\n\(text)")
    }

    @Test("a plain workload is written as a person would")
    func sober() throws {
        let workload = try #require(
            try read(
                container(
                    "labels: {app: web}", "env: {MODE: 'true', PORT: '80'}", "rules: {spread: zone}"
                )
            ).first)
        #expect(
            WorkloadText.write(workload) == """
                kind: container
                name: web
                labels: {app: web}
                image: nginx:1.27
                size: {cpu: 500m, memory: 256MiB}
                env:
                  MODE: "true"
                  PORT: "80"
                rules:
                  spread: zone

                """)
    }

    @Test("a script stays a block")
    func block() throws {
        let workload = try #require(
            try read(vm("cloudInit: |", "  #cloud-config", "  a:", "    - b")).first)
        #expect(
            WorkloadText.write(workload).hasSuffix("cloudInit: |\n  #cloud-config\n  a:\n    - b\n")
        )
    }
}

/// Workloads of every shape, from a seed.
struct WorkloadSource {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private mutating func number(_ range: ClosedRange<UInt64>) -> UInt64 {
        UInt64.random(in: range, using: &random)
    }

    private mutating func coin() -> Bool { Bool.random(using: &random) }

    private static let words = [
        "a", "true", "No", "null", "~", "", " ", "0x1F", "1e3", "1:2", "8080:80", "007", "1.5",
        "- a",
        "a: b", "a #b", "#a", "'", "\"", "\\", "a\nb", "a\nb\n", "\n", "a\n\n", " a\nb", "a \nb\n",
        "\t",
        "{", "[x]", "*a", "&a", "!t", "|", ">", "%", "@a", "`", "ü", "😀", "\u{85}", "\u{2028}",
        "\u{0}",
        "\u{7F}", "a\r\nb", "<<", "---", "...", "registry:5000/x@sha256:ab", "?", "? a", "-", "a:",
        "#!/bin/sh\n\techo *\n", "a\n---\nb\n", "x\u{FEFF}y", "e\u{301}",
    ]

    private mutating func word() -> String {
        Self.words[Int(number(0...UInt64(Self.words.count - 1)))]
    }

    private mutating func labels() -> Labels {
        let count = number(0...3)
        return Labels(
            (0..<count).map { _ in
                let name = word()
                return Label(name: name.isEmpty ? "x" : name, value: word())
            })
    }

    mutating func workload(_ name: String) throws -> Workload {
        let isVM = coin()
        let cpu = number(1...64_000)
        let memory = number(1 << 20...1 << 36)
        let loss: Workload.OnHostLoss = coin() ? .wait : .restart
        return try Workload(
            kind: isVM ? .vm : .container, name: WorkloadID(name), count: Int(number(0...1000)),
            labels: labels(), image: isVM && coin() ? kernel() : .named(word() + "x"),
            program: try program(isVM: isVM), storage: try storage(isVM: isVM),
            size: Resources(
                cpu: CPU(millicores: cpu), memory: Bytes(memory), disk: Bytes(number(0...1 << 30)),
                network: BytesPerSecond(coin() ? number(0...1 << 30) : 0),
                scalars: coin() ? [.init(name: "gpu", amount: number(0...9_999))] : []),
            limit: Workload.Limit(
                cpu: coin() ? CPU(millicores: cpu + number(0...9)) : nil,
                memory: coin() ? Bytes(memory + number(0...9)) : nil),
            rules: coin()
                ? .none
                : Rules(
                    need: labels(), avoid: labels(), prefer: labels(), apart: labels(),
                    together: labels(),
                    spread: coin() ? word() + "x" : nil, tolerate: labels(),
                    priority: Int(number(0...200)) - 100),
            move: move(isVM: isVM),
            onHostLoss: loss,
            floor: coin() ? .zero : CPU(millicores: number(0...cpu)),
            recoveryTime: loss == .restart && coin()
                ? HostLoss.certainty + .milliseconds(Int64(number(1...1_000_000))) : nil)
    }

    private mutating func move(isVM: Bool) -> MovePreference {
        let allow = MoveMode.allCases.filter { _ in coin() }
        let converge =
            isVM && coin()
            ? MoveRecourse.allCases.filter { _ in coin() } : MovePreference.standard.converge
        let isBounded = converge.contains(.longer) && coin()
        let downtime = Int64(number(0...(isBounded ? 30_000 : 1_000_000)))
        let most: Duration? =
            isBounded ? .milliseconds(Int64(number(UInt64(downtime)...30_000))) : nil
        return MovePreference(
            allow: allow, downtime: .milliseconds(downtime), converge: converge,
            most: most, balloon: isVM && coin())
    }

    private mutating func kernel() -> ImageReference {
        .kernel(kernel: word() + "k", initrd: word() + "i", append: word())
    }

    private mutating func program(isVM: Bool) throws -> Program {
        let ports = (0..<number(0...2)).map { index in
            Program.Port(
                host: UInt16(number(1...1000) + index * 1000), instance: UInt16(number(1...65_535)),
                transport: coin() ? .tcp : .udp)
        }
        let restart = RestartPolicy.allCases[Int(number(0...2))]
        guard !isVM else { return Program(ports: ports, restart: restart) }
        let probes: [HealthCheck.Probe] = [
            .tcp(port: 80), .http(port: 8080, path: "/" + word()), .exec(["test", word()]),
        ]
        let check = try HealthCheck(
            probe: probes[Int(number(0...2))], every: .milliseconds(Int64(number(1_000...99_999))),
            fails: Int(number(1...9)))
        let environment = ["A", "B.c", "yes"].filter { _ in coin() }
        return Program(
            command: (0..<number(0...3)).map { _ in word() },
            environment: environment.map { Program.Variable(name: $0, value: word()) },
            ports: ports, check: coin() ? check : nil, restart: restart)
    }

    private mutating func storage(isVM: Bool) throws -> Storage {
        guard isVM else {
            let own = coin() ? [try Storage.Volume(name: "data", path: "/" + "srv x")] : []
            // No path has it.
            let shared = "/mnt/" + word().filter { $0 != "\u{0}" }
            return Storage(
                volumes: coin()
                    ? own + [try Storage.Volume(name: "all", path: "/all", shared: shared)] : own)
        }
        let shared = try ["data", "a-1"].map { name in
            try Storage.SharedDisk(
                name: name, size: Bytes(number(1 << 20...1 << 40)),
                directory: "/srv/" + word().filter { $0 >= " " && $0 != "\u{7F}" })
        }
        return Storage(
            disks: (0..<number(0...2)).map { _ in Bytes(number(1 << 20...1 << 40)) },
            sharedDisks: shared.filter { _ in coin() },
            cloudInit: coin() ? word() : nil)
    }
}
