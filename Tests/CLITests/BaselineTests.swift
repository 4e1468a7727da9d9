import CLI
import ClusterModel
import Foundation
import Testing
import Wire

/// What is said of hosts whose processors differ.
@Suite struct BaselineTests {
    private static func host(
        _ name: String, _ features: [String], _ architecture: String = "x86_64",
        state: ClusterModel.Host.State = .ready
    ) -> HostSummary {
        HostSummary(
            host: ClusterModel.Host(
                id: HostID(name), labels: .none,
                capacity: Capacity(
                    total: Resources(cpu: CPU(millicores: 1000), memory: .gibibytes(2)),
                    architecture: architecture, features: features, kernel: "6.18.0"),
                state: state),
            reserved: .zero, use: nil, instances: 0, address: "", version: "", heardAt: nil)
    }

    private static let hosts = [
        host("lab-1", ["avx", "avx512f", "sse"]), host("lab-2", ["avx", "sse"]),
        host("lab-3", ["sse"], state: .unconfirmed), host("arm-1", ["asimd"], "aarch64"),
    ]

    private static func cluster(_ desk: Desk? = nil) throws -> ClusterAccess {
        var access = try ClusterAccess.sample(desk)
        access.listHosts = { _ in ListHostsReply(hosts: hosts) }
        return access
    }

    private static let waiting =
        "lab-3 is not confirmed: it would lower the cluster's CPU baseline of x86_64 by "
        + "1 feature (avx); huddle host confirm lab-3 lets it take instances\n"

    @Test func hostsNameWhoWaitsAndWhatForInALine() async throws {
        let ending = await Desk().run(["hosts"], try Self.cluster())
        #expect(ending.output.hasSuffix("\n\n" + Self.waiting), "\(ending.output)")
        #expect(ending.output.contains("unconfirmed"))
        #expect(!ending.output.contains("CPU baseline of aarch64"))
    }

    @Test func wideHostsSayWhatAllHaveAndWhatEachHasBeside() async throws {
        let ending = await Desk().run(["hosts", "-o", "wide"], try Self.cluster())
        let expected = """

            CPU baseline of aarch64: 1 feature that one host has

            CPU baseline of x86_64: 2 features that all 2 hosts have
              lab-1 has 1 feature (avx512f) beyond it
              lab-3 lacks 1 feature (avx) of it


            """
        #expect(ending.output.hasSuffix(expected + Self.waiting), "\(ending.output)")
    }

    @Test func theDataHasEveryName() async throws {
        let ending = await Desk().run(["hosts", "-o", "json"], try Self.cluster())
        let value = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
        let baseline = try #require((value as? [String: Any])?["baseline"] as? [[String: Any]])
        #expect(baseline.map { $0["architecture"] as? String } == ["aarch64", "x86_64"])
        #expect(baseline.last?["features"] as? [String] == ["avx", "sse"])
        let hosts = try #require(baseline.last?["hosts"] as? [[String: Any]])
        #expect(hosts.map { $0["name"] as? String } == ["lab-1", "lab-2", "lab-3"])
        #expect(hosts.map { $0["lacks"] as? [String] } == [[], [], ["avx"]])
        #expect(hosts.map { $0["beyond"] as? [String] } == [["avx512f"], [], []])
        #expect(hosts.map { $0["counts"] as? Bool } == [true, true, false])
    }

    @Test(arguments: [
        ("lab-1", "has 1 feature (avx512f) beyond it"), ("lab-2", "has what all have and no more"),
        ("lab-3", "lacks 1 feature (avx) of it"),
    ])
    func describe(host: String, words: String) async throws {
        let ending = await Desk().run(["describe", host], try Self.cluster())
        let line = ending.output.split(separator: "\n").first { $0.hasPrefix("CPU baseline") }
        #expect(line?.hasSuffix("  " + words) == true, "\(ending.output)")
    }

    @Test func explainSaysWhyNothingGoesThereAndWhatToDo() async throws {
        var access = try Self.cluster()
        access.explain = { _ in
            ExplainReply(
                instance: Fixtures.explanation.instance,
                verdicts: [
                    HostVerdict(
                        host: HostID("lab-3"), misfit: .hostState(.unconfirmed), room: .zero)
                ], lastDecision: nil)
        }
        let ending = await Desk().run(["explain", "web-0"], access)
        #expect(ending.output.contains("not confirmed: it would lower the CPU baseline"))
        #expect(ending.output.hasSuffix("\n" + Self.waiting), "\(ending.output)")
        let plain = await Desk().run(["explain", "web-0"], try Self.cluster())
        #expect(!plain.output.contains("confirm"))
    }

    @Test func confirmingNamesWhatItCostsAndAsks() async throws {
        let terminal = Terminal(inputIsTerminal: true, errorIsTerminal: true)
        for (answer, calls) in [("n", []), ("y", ["confirm lab-3"])] {
            let desk = Desk(terminal: terminal, answer: answer)
            let ending = await desk.run(["host", "confirm", "lab-3"], try Self.cluster(desk))
            #expect(
                ending.errors.contains(
                    "lab-3 lowers the cluster's CPU baseline of x86_64 by 1 feature (avx).\n"),
                "\(ending.errors)")
            #expect(desk.noted == calls)
        }
        let desk = Desk(terminal: Terminal())
        #expect(
            await desk.run(["host", "confirm", "lab-3"], try Self.cluster(desk)).status == .usage)
        let sure = await desk.run(["host", "confirm", "lab-3", "--yes"], try Self.cluster(desk))
        #expect(sure.output == "lab-3 takes instances\n" && desk.noted == ["confirm lab-3"])
    }

    @Test func aMemberIsConfirmedWithoutAQuestion() async throws {
        let desk = Desk()
        var access = try Self.cluster(desk)
        access.confirmHost = { _ in
            ChangeReply(revision: Revision(1), notes: ["host lab-1 needed no confirmation"])
        }
        let ending = await desk.run(["host", "confirm", "lab-1"], access)
        #expect(ending.status == .done)
        #expect(ending.errors.contains("note: host lab-1 needed no confirmation"))
    }
}
