import Foundation
import Testing

extension LabTests {
    /// What `scripts/demo` shows.
    @Test(
        "three servers at 30, 50 and 10 % become one busy host and two empty ones",
        .timeLimit(.minutes(6)))
    func packing() async throws {
        let examples = Lab.root.appending(path: "deploy/examples")
        for (name, host) in [("build", "lab-1"), ("mail", "lab-3"), ("web", "lab-2")] {
            let file = examples.appending(path: "\(name).yaml").path()
            try await cluster.run(
                "apply", "-f", file, "--on", host, "--wait", within: .seconds(120))
        }
        let placed = try await cluster.running("build-0", "mail-0", "web-0")
        #expect(placed.map(\.host) == ["lab-1", "lab-3", "lab-2"])
        try await cluster.must("the page is served", within: .seconds(90)) {
            try await serves("lab-2")
        }

        // Wide bounds: two cores carry three hosts, and whatever else the machine does just now.
        try await cluster.must("about 30, 50 and 10 % used", within: .seconds(90)) {
            let used = try await cluster.hosts().map(\.usedPercent)
            return used.count == 3 && 20...42 ~= used[0] && 38...62 ~= used[1] && 4...20 ~= used[2]
        }
        try await cluster.setPolicy(["demand=p50/1m+2%"])
        let plan = try await cluster.eventually("a plan for 3 → 1 hosts", within: .seconds(90)) {
            let plan = try await cluster.plan()
            return plan.bound.hostsAfter == 1 ? plan : nil
        }
        #expect(plan.bound.hostsBefore == 3 && plan.bound.hostsLowerBound == 1)
        #expect(plan.bound.provedMinimal)
        #expect(plan.steps.count == 2)

        try await cluster.run("pack", "--yes", within: .seconds(180))
        let hosts = try await cluster.hosts()
        #expect(hosts.filter { $0.instances == 0 }.count == 2, "\(hosts)")
        let busy = try #require(hosts.first { $0.instances == 3 }, "\(hosts)")
        try await cluster.running("build-0", "mail-0", "web-0")
        try await cluster.must("\(busy.name) used to about 90 %", within: .seconds(90)) {
            try await 70...105 ~= cluster.host(busy.name).usedPercent
        }
        try await cluster.must("the page is served", within: .seconds(90)) {
            try await serves(busy.name)
        }

        let orphans = try await cluster.instances().filter(\.orphan)
        #expect(orphans.isEmpty, "\(orphans)")
        // Stopped copies count as well: what was left behind is empty, not only idle.
        let copies = try await RealCopies.all()
        #expect(copies.map(\.host) == [busy.name, busy.name, busy.name], "\(copies)")
        #expect(copies.allSatisfy { $0.state == "running" }, "\(copies)")
        for host in Lab.hosts where host != busy.name {
            let left = try await Lab.inside(
                // Podman keeps what watched an `exec` for five minutes after its end.
                host,
                "podman ps --all; pgrep --list-full conmon | grep --invert-match -- --exec || true")
            #expect(left.split(separator: "\n").count == 1, "more than the headline: \(left)")
        }
        #expect(try await cluster.unfinishedMoves().isEmpty)
    }

    /// Whether the VM's page comes from this host's address.
    func serves(_ host: String) async throws -> Bool {
        let address = try await Lab.script("address", host).trimmingCharacters(in: .newlines)
        let page = try await Lab.tool(
            "curl", "--silent", "--show-error", "--fail", "--max-time", "5",
            "http://\(address):8080/")
        return page.contains("served by")
    }
}
