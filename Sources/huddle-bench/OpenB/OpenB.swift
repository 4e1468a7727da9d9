import ArgumentParser

/// `huddle-bench openb`: requests of a production cluster arrive one after the other, and none leaves.
struct OpenB: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openb",
        abstract:
            "Place a recorded list of requests on recorded hosts until more has arrived than fits.",
        discussion:
            "The lists are public: https://github.com/hkust-adsl/kubernetes-scheduler-simulator, data/csv; openb_node_list_gpu_node.csv is the hosts of the published figures."
    )

    @Option(help: "CSV of hosts: cpu_milli, memory_mib, gpu, model.")
    var nodes: String

    @Option(help: "CSV of requests: cpu_milli, memory_mib, num_gpu, gpu_milli, gpu_spec.")
    var pods: String

    @Option(help: "Decides the order of arrival and what is drawn again.")
    var seed: UInt64 = 42

    @Option(help: "Arrivals, in per cent of the hosts' GPUs.")
    var until: Int64 = 130

    func validate() throws {
        guard (1...1_000).contains(until) else { throw ValidationError("--until: 1 to 1000") }
    }

    func run() throws {
        let lists = try OpenBLists(nodes: nodes, pods: pods)
        let arrivals = lists.arrivals(seed: seed, percent: until)
        let start = ContinuousClock.now
        var run = OpenBRun(lists: lists)
        for demand in arrivals { run.place(demand) }
        let result = OpenBResult(run, of: lists, elapsed: ContinuousClock.now - start)
        print(try result.json())
    }
}
