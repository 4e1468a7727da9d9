import ClusterModel
import Simulator

/// Small clusters to simulate.
enum Scenarios {
    /// `hosts` hosts of 8 cores and 32 GiB with `each` VMs of 2 cores and 4 GiB on every one, which nobody packed.
    static func plain(
        _ pattern: LoadPattern, hosts: Int = 4, each: Int = 1, kind: Workload.Kind = .vm,
        onHostLoss: Workload.OnHostLoss = .wait, faults: [Fault] = [], length: Duration
    ) throws -> Scenario {
        let machines = (0..<hosts).map {
            Scenario.Machine(
                id: HostID("h\($0)"),
                total: Resources(
                    cpu: CPU(millicores: 8000), memory: .gibibytes(32), disk: .gibibytes(500)))
        }
        let work = try (0..<each).map { number in
            Scenario.Work(
                try Workload(
                    kind: kind, name: WorkloadID("w\(number)"), count: hosts,
                    image: .named("disk"),
                    size: Resources(cpu: CPU(millicores: 2000), memory: .gibibytes(4)),
                    onHostLoss: onHostLoss), load: pattern)
        }
        var policy = Policy.standard
        policy.mode = .auto
        return Scenario(
            hosts: machines, workloads: work, policy: policy, faults: faults, length: length)
    }

    static func run(_ scenario: Scenario, seed: UInt64 = 1) -> Run {
        var simulation = Simulation(scenario, seed: seed)
        return simulation.run()
    }
}

extension Duration {
    static func hours(_ hours: Int64) -> Duration { .seconds(hours * 3_600) }
}
