import CLI
import ClusterModel
import Testing
import Wire

@Suite struct ConfirmationTests {
    static let destructive: [(command: [String], call: String)] = [
        (["delete", "web"], "delete web false"),
        (["delete", "web", "--volumes"], "delete web true"),
        (["host", "remove", "lab-1"], "remove lab-1"), (["host", "fence", "lab-3"], "fence lab-3"),
        (["drain", "lab-2"], "drain lab-2 dryRun false force false"), (["pack"], "run p7"),
    ]

    private let atTerminal = Terminal(inputIsTerminal: true, errorIsTerminal: true)

    @Test("without a terminal and without --yes it refuses and says how", arguments: destructive)
    func refuses(command: [String], call: String) async throws {
        let desk = Desk()
        let ending = await desk.run(command, try .sample(desk))
        #expect(ending.status == .usage)
        #expect(ending.errors.contains("error: nothing was done\n"))
        #expect(ending.errors.hasSuffix("try: run it with --yes\n"))
        #expect(!desk.noted.contains(call))
    }

    @Test("no is no", arguments: destructive)
    func no(command: [String], call: String) async throws {
        for answer in ["n", "", "x"] {
            let desk = Desk(terminal: atTerminal, answer: answer)
            let ending = await desk.run(command, try .sample(desk))
            #expect(ending.status == .failed)
            #expect(!desk.noted.contains(call))
        }
    }

    @Test("yes is yes", arguments: destructive, [true, false])
    func yes(_ row: (command: [String], call: String), asks: Bool) async throws {
        let desk = Desk(terminal: atTerminal, answer: asks ? "y" : nil)
        var access = try ClusterAccess.sample(desk)
        access.listHosts = { _ in
            .init(
                hosts: ["lab-1", "lab-2", "lab-3"].map {
                    Fixtures.host($0, reserved: 1, used: 1, instances: 0)
                })
        }
        let ending = await desk.run(row.command + (asks ? [] : ["--yes"]), access)
        #expect(ending.status == .done, "\(ending.errors)")
        #expect(desk.noted.contains(row.call))
        #expect(ending.errors.contains("[y/N]") == asks)
    }

    @Test("a drain shows its plan before it asks, and changes nothing with --dry-run")
    func drain() async throws {
        let desk = Desk()
        let ending = await desk.run(["drain", "lab-2", "--dry-run", "--force"], try .sample(desk))
        #expect(ending.status == .done && ending.output.contains("empties lab-3"))
        #expect(desk.noted == ["drain lab-2 dryRun true force true"])
        let asked = Desk(terminal: atTerminal, answer: "n")
        let refused = await asked.run(["drain", "lab-2"], try .sample(asked))
        #expect(refused.output.contains("empties lab-3"))
        #expect(asked.noted == ["drain lab-2 dryRun true force false"])
    }

    @Test("a drain that leaves something behind says what and why")
    func left() async throws {
        let desk = Desk()
        var access = try ClusterAccess.sample(desk)
        access.drainHost = { _ in PlanReply(plan: Fixtures.plan, state: .stored) }
        let ending = await desk.run(["drain", "lab-2", "--yes"], access)
        #expect(ending.status == .notPlaced)
        #expect(ending.errors.contains("lab-2 is not empty: 1 instance could not leave"))
        #expect(ending.errors.contains("why: web-0: its host cannot be emptied"))
    }

    @Test(
        "what hosts share is never said to go or to stay on one",
        arguments: [
            (
                false, false,
                "It has no volumes of its own. What hosts share is not touched: /srv/a."
            ),
            (false, true, "It has no volumes of its own. What hosts share is not touched: /srv/a."),
            (
                true, false,
                "Its volumes are kept where it runs. What hosts share is not touched: /srv/a."
            ),
            (
                true, true,
                "Its volumes are removed with everything in them. What hosts share is not touched: /srv/a."
            ),
        ])
    func shared(hasOwn: Bool, volumes: Bool, words: String) async throws {
        let own = try Storage.Volume(name: "own", path: "/own")
        let shared = try Storage.Volume(name: "all", path: "/all", shared: "/srv/a")
        let workload = try Workload(
            kind: .container, name: WorkloadID("web"), image: .named("image"),
            storage: Storage(volumes: hasOwn ? [shared, own] : [shared]),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
        let errors = try await question(deleting: workload, volumes: volumes)
        #expect(errors.contains(words), "\(errors)")
    }

    @Test(
        "nor is a VM's disk that hosts share",
        arguments: [
            (
                false, false,
                "It has no disks of its own but its root disk, which goes too. "
                    + "What hosts share is not touched: /srv/vms."
            ),
            (
                true, true,
                "All its disks are removed with everything in them. What hosts share is not touched: /srv/vms."
            ),
        ])
    func sharedDisk(hasOwn: Bool, volumes: Bool, words: String) async throws {
        let shared = try ["data", "more"].map {
            try Storage.SharedDisk(name: $0, size: .gibibytes(1), directory: "/srv/vms")
        }
        let workload = try Workload(
            kind: .vm, name: WorkloadID("web"), image: .named("image"),
            storage: Storage(disks: hasOwn ? [.gibibytes(1)] : [], sharedDisks: shared),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
        let errors = try await question(deleting: workload, volumes: volumes)
        #expect(errors.contains(words), "\(errors)")
    }

    /// What is asked before `web` is deleted; the answer is no.
    private func question(deleting workload: Workload, volumes: Bool) async throws -> String {
        let desk = Desk(terminal: atTerminal, answer: "n")
        var access = try ClusterAccess.sample(desk)
        access.listWorkloads = { _ in
            ListWorkloadsReply(workloads: [WorkloadSummary(workload: workload, running: 1)])
        }
        return await desk.run(["delete", "web"] + (volumes ? ["--volumes"] : []), access).errors
    }
}
