import Foundation
import Planner
import Testing

@testable import huddle_bench

@Suite("Arrivals of openb") struct OpenBTests {
    private static let nodes = """
        sn,cpu_milli,memory_mib,gpu,model
        a,8000,32000,2,T4
        b,8000,32000,0,
        c,16000,64000,4,G2

        """
    private static let pods = """
        name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec
        p,1000,2000,1,500,
        q,2000,4000,2,1000,
        r,4000,8000,0,0,
        s,1000,2000,1,1000,G2|V100

        """

    private static func lists(nodes: String = nodes, pods: String = pods) throws -> OpenBLists {
        try OpenBLists(
            nodes: OpenBTable(text: nodes, file: "nodes.csv"),
            pods: OpenBTable(text: pods, file: "pods.csv"))
    }

    @Test("lists are read by the names of their columns")
    func reading() throws {
        let lists = try Self.lists()
        #expect(lists.hosts.count == 3)
        #expect(lists.gpuCapacity == 6_000)
        #expect(lists.cpuCapacity == 32_000)
        #expect(lists.requests == [0, 1, 2, 3])
        #expect(lists.gpu(of: 1) == 2_000)
        #expect(lists.demands[3].kinds?.contains(lists.hosts[2].kind) == true)
        #expect(!lists.demands[3].fits(in: lists.hosts[0]))
        #expect(lists.demands[0].kinds == nil)
    }

    @Test(
        "arrivals hold the whole list and stop at the mark; the seed decides",
        arguments: UInt64(0)..<50)
    func arrivals(seed: UInt64) throws {
        let lists = try Self.lists()
        let arrivals = lists.arrivals(seed: seed, percent: 130)
        let asked = arrivals.reduce(0) { $0 + lists.gpu(of: $1) }
        #expect(Set(arrivals) == [0, 1, 2, 3])
        // A drawn request is weighed by its share of one device, as the original does: so one of two devices may pass the mark by one.
        #expect(asked <= 8_800)
        #expect(asked > 6_800)
        #expect(arrivals == lists.arrivals(seed: seed, percent: 130))
        let fewer = lists.arrivals(seed: seed, percent: 20)
        #expect(fewer.reduce(0) { $0 + lists.gpu(of: $1) } <= 1_200)
    }

    @Test("a run places what fits and never more", arguments: UInt64(0)..<50)
    func placing(seed: UInt64) throws {
        let lists = try Self.lists()
        var run = OpenBRun(lists: lists)
        for demand in lists.arrivals(seed: seed, percent: 500) { run.place(demand) }
        #expect(run.gpuPlaced <= lists.gpuCapacity)
        #expect(run.cpuPlaced <= lists.cpuCapacity)
        #expect(run.gpuPlaced > 4_000)
        #expect(run.decisions > 4)
    }

    @Test("a list without GPUs ends")
    func withoutDevices() throws {
        let lists = try Self.lists(
            pods: "cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n1000,10,0,0,\n")
        #expect(lists.arrivals(seed: 1, percent: 130) == [0])
    }

    @Test(
        "numbers that are none are refused with file and line",
        arguments: ["NaN", "-1", "", "1.5", "99999999999999999999", "2000000000", "inf"])
    func badNumber(text: String) {
        let pods = Self.pods.replacingOccurrences(of: "q,2000", with: "q,\(text)")
        let error = #expect(throws: UnusableFile.self) { try Self.lists(pods: pods) }
        #expect(error?.description.hasPrefix("pods.csv:3: cpu_milli") == true)
    }

    @Test(
        "a table that is none is refused with file and line",
        arguments: [
            ("", "pods.csv:1: no names of columns"),
            ("cpu_milli,cpu_milli\n1,2", "pods.csv:1: column cpu_milli twice"),
            ("cpu_milli,memory_mib\n1", "pods.csv:2: 1 fields; the first line names 2"),
            ("cpu_milli,memory_mib,num_gpu,gpu_milli\n1,1,0,0", "pods.csv:1: no column gpu_spec"),
            ("cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n", "pods.csv: no rows"),
            (
                "cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n1,1,1,0,",
                "pods.csv:2: num_gpu 1 with gpu_milli 0"
            ),
            (
                "cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n1,1,1,1001,",
                "pods.csv:2: gpu_milli '1001' is not a whole number from 0 to 1000"
            ),
        ])
    func badTable(text: String, message: String) {
        let error = #expect(throws: UnusableFile.self) { try Self.lists(pods: text) }
        #expect(error?.description == message)
    }

    @Test("a file that is not there is refused")
    func noFile() {
        #expect(throws: UnusableFile.self) { try OpenBTable(file: "/nowhere/pods.csv") }
    }
}
