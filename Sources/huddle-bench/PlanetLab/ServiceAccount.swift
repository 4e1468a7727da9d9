/// How well machines are served, counted as CloudSim 3.0.3's power examples count.
///
/// A state holds from the time it was noted to the next note; a further note of the same time replaces it.
struct ServiceAccount {
    private var machines: [MachineState?]
    private var hosts: [HostState?]
    private(set) var requestedSeconds = 0.0
    private(set) var lostToMoves = 0.0
    private(set) var givenSeconds = 0.0
    private(set) var activeSeconds = 0.0
    private(set) var shortSeconds = 0.0

    private struct MachineState {
        var at: Double
        var given: Double
        var requested: Double
        var isMoving: Bool
    }

    private struct HostState {
        var at: Double
        var given: Double
        var requested: Double
    }

    init(machines: Int, hosts: Int) {
        self.machines = Array(repeating: nil, count: machines)
        self.hosts = Array(repeating: nil, count: hosts)
    }

    /// The share of active hosts' time in which they were asked for more than they gave.
    var slatah: Double { activeSeconds > 0 ? shortSeconds / activeSeconds : 0 }

    /// The share of what machines asked for that they lost while they moved.
    var pdm: Double { requestedSeconds > 0 ? lostToMoves / requestedSeconds : 0 }

    mutating func note(machine: Int, at: Double, given: Double, requested: Double, isMoving: Bool) {
        if let last = machines[machine], last.at != at {
            let seconds = at - last.at
            requestedSeconds += last.requested * seconds
            givenSeconds += last.given * seconds
            if last.given < last.requested, last.isMoving {
                lostToMoves += (last.requested - last.given) * seconds
            }
        }
        machines[machine] = MachineState(
            at: at, given: given, requested: requested, isMoving: isMoving)
    }

    mutating func note(host: Int, at: Double, given: Double, requested: Double) {
        if let last = hosts[host], last.at != at, last.given > 0 {
            activeSeconds += at - last.at
            if last.given < last.requested { shortSeconds += at - last.at }
        }
        hosts[host] = HostState(at: at, given: given, requested: requested)
    }
}
