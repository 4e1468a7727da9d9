import Foundation
import Testing

extension LabTests {
    @Test(
        "what ends is started again, later each time, unless it never is to be",
        .timeLimit(.minutes(3)))
    func restarts() async throws {
        let dying = ["/bin/sh", "-c", "exit 3"]
        let always = Spec(name: "always", command: dying)
        let never = Spec(name: "never", command: dying, more: ["restart: never"])
        let finished = Spec(name: "finished", command: ["/bin/true"], more: ["restart: onFailure"])
        try await cluster.apply(always, never, finished, on: "lab-1", wait: false)

        try await cluster.must("never-0 failed for good") {
            let never = try await cluster.instance("never-0")
            return never.state == "failed" && never.reason?.contains("code 3") == true
        }
        try await cluster.must("finished-0 stopped") {
            try await cluster.instance("finished-0").state == "stopped"
        }
        try await cluster.must("always-0 failed, and to be started again") {
            let always = try await cluster.instance("always-0")
            return always.state == "failed" && always.reason?.contains("started again") == true
        }
        let neverStarted = try await startTime("never-0"),
            finishedStarted = try await startTime("finished-0")
        // Four starts: after 1, 2, 4 seconds at the soonest.
        var starts: [Double] = []
        try await cluster.must("four starts of always-0", within: .seconds(90)) {
            let started = try await startTime("always-0")
            if started != starts.last { starts.append(started) }
            return starts.count == 4
        }
        let pauses = zip(starts.dropFirst(), starts).map(-)
        #expect(pauses[2] > pauses[0] && pauses[2] >= 3, "\(pauses)")
        #expect(try await startTime("never-0") == neverStarted)
        #expect(try await startTime("finished-0") == finishedStarted)
    }

    @Test("memory beyond the limit ends a container, with the reason", .timeLimit(.minutes(2)))
    func memoryLimit() async throws {
        // One buffer of 200 MiB in a container of 32.
        let hungry = ["/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"]
        try await cluster.apply(
            Spec(name: "hungry", command: hungry, more: ["restart: never"]), Spec(name: "modest"),
            on: "lab-2", wait: false)
        let ended = try await cluster.eventually("hungry-0 failed") {
            let hungry = try await cluster.instance("hungry-0")
            return hungry.state == "failed" ? hungry : nil
        }
        let reason = ended.reason ?? ""
        #expect(reason.contains("memory") || reason.contains("137"), "\(ended)")
        try await cluster.running("modest-0")
    }

    @Test(
        "a limit of 200 millicores holds a container and a VM that want a whole core",
        .timeLimit(.minutes(3)))
    func processorLimit() async throws {
        let busy = ["/bin/load", "100"]
        try await cluster.apply(
            Spec(name: "box", command: busy, more: ["limit: {cpu: 200m}"]), on: "lab-1", wait: false
        )
        var machine = Spec.machine("vm")
        machine.image = "guest"
        machine.more.append("limit: {cpu: 200m}")
        try await cluster.apply(machine, on: "lab-2", wait: false)
        try await cluster.running("box-0", "vm-0")
        for name in ["box-0", "vm-0"] {
            try await cluster.must("\(name) measured at about 200 millicores", within: .seconds(60))
            {
                let used = try await cluster.instance(name).used?.cpuMillicores ?? 0
                return 140...240 ~= used
            }
        }
        for host in ["lab-1", "lab-2"] {
            #expect(try await cluster.host(host).usedPercent < 40)
        }
    }

    /// When the container of an instance was last started, in seconds, by its host's Podman.
    private func startTime(_ instance: String) async throws -> Double {
        let text = try await Lab.inside(
            "lab-1",
            "date --date \"$(podman inspect --format '{{.State.StartedAt}}' huddle-\(instance) | cut -d ' ' -f 1-3)\" +%s.%N"
        )
        guard let seconds = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw Unexpected("no time: \(text)")
        }
        return seconds
    }
}
