import ClusterModel
import Specs
import Testing

@Suite struct WorkloadFieldTests {
    @Test("the example of the design reads as it is meant")
    func design() throws {
        let workloads = try read(
            """
            kind: vm
            name: mail
            labels: {app: mail}
            image: debian-13
            size: {cpu: 500m, memory: 1GiB}
            rules: {apart: {app: mail}, need: {zone: a}}
            move: {allow: [live], downtime: 300ms}
            """)
        let expected = try Workload(
            kind: .vm, name: WorkloadID("mail"),
            labels: Labels([Label(name: "app", value: "mail")]),
            image: .named("debian-13"),
            size: Resources(cpu: CPU(millicores: 500), memory: .gibibytes(1)),
            rules: Rules(
                need: Labels([Label(name: "zone", value: "a")]),
                apart: Labels([Label(name: "app", value: "mail")])),
            move: MovePreference(allow: [.live], downtime: .milliseconds(300)))
        #expect(workloads == [expected])
    }

    @Test("every field of a container")
    func everyContainerField() throws {
        let workload = try #require(
            try read(
                container(
                    "count: 3", "labels: {app: yes, tier: 007}", "limit: {cpu: 2, memory: 512MiB}",
                    "floor: {cpu: 100m}",
                    "command: [sleep, 1d, no]", "env: {B: on, A: 1.50}",
                    "ports: [8080:80, 53:5353/udp, {host: 443, to: 8443, transport: tcp}]",
                    "check: {http: /up, port: 80, every: 5s, fails: 2}", "restart: onFailure",
                    "volumes: [{name: data, path: /srv}, {name: all, path: /all, shared: /mnt//all/.}]",
                    "rules: {avoid: {disk: hdd}, prefer: {rack: r1}, together: {app: db}, spread: zone, "
                        + "tolerate: {gpu: only}, priority: -5}",
                    "move: {allow: [restart, live, live], downtime: 2s}", "onHostLoss: restart",
                    "recoveryTime: 5min")
            ).first)
        #expect(workload.count == 3)
        #expect(workload.labels["app"] == "yes" && workload.labels["tier"] == "007")
        #expect(
            workload.limit == Workload.Limit(cpu: CPU(millicores: 2000), memory: .mebibytes(512)))
        #expect(workload.floor == CPU(millicores: 100))
        #expect(workload.program.command == ["sleep", "1d", "no"])
        #expect(workload.program.environment.map(\.name) == ["B", "A"])
        #expect(workload.program.environment.map(\.value) == ["on", "1.50"])
        #expect(
            workload.program.ports == [
                .init(host: 8080, instance: 80), .init(host: 53, instance: 5353, transport: .udp),
                .init(host: 443, instance: 8443),
            ])
        #expect(workload.program.check?.probe == .http(port: 80, path: "/up"))
        #expect(workload.program.check?.every == .seconds(5))
        #expect(workload.program.restart == .onFailure)
        #expect(workload.storage.volumes.map(\.path) == ["/srv", "/all"])
        #expect(workload.storage.volumes.map(\.shared) == [nil, "/mnt/all"])
        #expect(workload.rules.spread == "zone" && workload.rules.priority == -5)
        #expect(workload.rules.tolerate["gpu"] == "only")
        #expect(workload.move.allow == [.live, .restart])
        #expect(workload.onHostLoss == .restart)
        #expect(workload.recoveryTime == .seconds(300))
    }

    @Test("every field of a VM that a container does not have")
    func everyVMField() throws {
        let workload = try #require(
            try read(
                """
                kind: vm
                name: mail
                image: {kernel: vmlinuz, initrd: initrd-web, append: console=ttyS0 quiet}
                size: {cpu: 0.5, memory: 1GB, disk: 5GiB, network: 10MB/s, gpu: 2, license: 500m}
                disks: [10GiB, {name: all, size: 2GiB, shared: /srv//vms/}, 512MB]
                cloudInit: |
                  #cloud-config
                  runcmd:
                    - [ls, "*"]
                """
            ).first)
        #expect(
            workload.image
                == .kernel(kernel: "vmlinuz", initrd: "initrd-web", append: "console=ttyS0 quiet"))
        #expect(
            workload.size
                == Resources(
                    cpu: CPU(millicores: 500), memory: Bytes(1_000_000_000), disk: .gibibytes(5),
                    network: BytesPerSecond(10_000_000),
                    scalars: [
                        .init(name: "gpu", amount: 2000), .init(name: "license", amount: 500),
                    ]))
        #expect(workload.storage.disks == [.gibibytes(10), Bytes(512_000_000)])
        #expect(
            workload.storage.sharedDisks
                == [try Storage.SharedDisk(name: "all", size: .gibibytes(2), directory: "/srv/vms")]
        )
        #expect(workload.storage.cloudInit == "#cloud-config\nruncmd:\n  - [ls, \"*\"]\n")
    }

    @Test("what becomes of a move that will not converge")
    func unconverging() throws {
        func preference(_ line: String = "") throws -> MovePreference {
            try #require(try read(vm(line)).first).move
        }
        #expect(try preference() == .standard)
        #expect(MovePreference.standard.converge == [.slower, .restart])
        #expect(try preference("move: {converge: []}").converge == [])
        let ladder = try preference("move: {downtime: 100ms, converge: [restart, longer, longer]}")
        #expect(ladder.converge == [.longer, .restart])
        #expect(ladder.ladder.most == .milliseconds(800))
        let bounded = try preference("move: {converge: [longer], most: 1s}").ladder
        #expect(bounded.rungs == [300, 600, 1_000].map { .milliseconds($0) })
        #expect(try !preference("move: {balloon: false}").balloon)
        #expect(try preference("move: {balloon: true}") == MovePreference(balloon: true))
    }

    @Test(
        "other checks",
        arguments: [
            ("check: {tcp: 25}", HealthCheck.Probe.tcp(port: 25)),
            ("check: {exec: [true, -f, 1]}", .exec(["true", "-f", "1"])),
        ])
    func checks(line: String, probe: HealthCheck.Probe) throws {
        #expect(try read(container(line)).first?.program.check?.probe == probe)
    }

    @Test("several documents, comments and empty ones")
    func documents() throws {
        let text = "# all of it\n---\n" + container() + "---\n---\n# nothing\n--- # last\n" + vm()
        #expect(try read(text).map(\.name.rawValue) == ["web", "mail"])
    }

    @Test("JSON is YAML")
    func json() throws {
        let text =
            #"{"kind":"container","name":"web","image":"i","size":{"cpu":"1","memory":"1GiB"}}"#
        #expect(try read(text).count == 1)
    }

    @Test("anchors serve within their document")
    func anchors() throws {
        let workload = try #require(
            try read(container("labels: &own {app: web}", "rules: {apart: *own}")).first)
        #expect(workload.rules.apart == workload.labels)
    }

    @Test("nothing is an empty list of workloads")
    func empty() throws {
        #expect(try read("") == [])
        #expect(try read("# only a remark\n") == [])
    }
}
