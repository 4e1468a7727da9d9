/// The simulated hosts and machines of the PlanetLab test bed.
/// - Source: Beloglazov and Buyya, CCPE 24(13), 2012; the constants of CloudSim 3.0.3's power examples.
enum PlanetLabModel {
    static let hosts = 800
    /// Seconds between two control steps, and between two samples.
    static let step = 300.0
    /// Nothing is computed at or after this second.
    static let end = 86_400.0
    /// Control steps come this much after full multiples of `step`: the machines' work arrives late by as much.
    static let offset = 0.1
    static let samples = 288
    /// Memory in megabytes that a move carries in a second: half of 1 Gbit/s.
    static let moveRate = 62.5
    /// What a host's network promises to machines when they are first placed.
    static let hostNetwork = 1_000_000
    static let machineNetwork = 100_000

    /// What a machine is: blocks of equal size, in this order.
    static let machineKinds = [
        MachineKind(mips: 2_500, memory: 870), MachineKind(mips: 2_000, memory: 1_740),
        MachineKind(mips: 1_000, memory: 1_740), MachineKind(mips: 500, memory: 613),
    ]

    /// What a host is, in turn.
    static let hostKinds = [
        HostKind(
            name: "HP ProLiant ML110 G4", coreMIPS: 1_860,
            watts: [86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117]),
        HostKind(
            name: "HP ProLiant ML110 G5", coreMIPS: 2_660,
            watts: [93.7, 97, 101, 105, 110, 116, 121, 125, 129, 133, 135]),
    ]

    struct MachineKind: Sendable {
        let mips: Double
        let memory: Double
    }

    struct HostKind: Sendable {
        let name: String
        let coreMIPS: Double
        /// At 0, 10 … 100 % load; linear between.
        let watts: [Double]

        static let cores = 2.0
        /// Megabytes.
        static let memory = 4_096.0

        var totalMIPS: Double { Self.cores * coreMIPS }

        /// Watts at `utilization`, by the very operations of the original, so that sums agree to the last digit shown.
        func power(at utilization: Double) -> Double {
            if utilization.truncatingRemainder(dividingBy: 0.1) == 0 {
                return watts[Int(utilization * 10)]
            }
            let below = Int((utilization * 10).rounded(.down))
            let above = min(Int((utilization * 10).rounded(.up)), watts.count - 1)
            let slope = (watts[above] - watts[below]) / 10
            return watts[below] + slope * (utilization - Double(below) / 10) * 100
        }
    }
}
