/// The simulated data centre: who runs where, what each gets, what the hosts draw.
///
/// Its accounts follow CloudSim 3.0.3's power package to the order of operations, artefacts included: a machine that asks for nothing at
/// two samples in a row is taken as finished and leaves; a host that is arrived at counts the whole demand of the machine under way but gives a
/// tenth of it; a host draws nothing until its first step and as soon as nothing runs on it.
struct DataCentre {
    let day: PlanetLabDay
    let machines: [PlanetLabModel.MachineKind]
    let hosts: [PlanetLabModel.HostKind]
    /// In the order of arrival; a machine under way stands on both ends.
    private(set) var residents: [[Int]]
    /// Where each machine runs; `nil` after it has finished.
    private(set) var place: [Int?]
    private(set) var target: [Int?]
    private(set) var requested: [Double]
    private(set) var now = 0.0
    private(set) var wattSeconds = 0.0
    private(set) var moves = 0
    private(set) var service: ServiceAccount
    private var givenMIPS: [Double]
    private var formerMIPS: [Double]
    /// Machines that once left a host are slowed there when they come back: the scheduler of the original never forgets them.
    private var remembered: [Set<Int>]
    /// `true`: every host draws its full power, whatever it does.
    private let isPowerBlind: Bool

    /// A machine for which no host has room at the start.
    struct NoRoom: Error, CustomStringConvertible {
        let machine: Int
        var description: String { "machine \(machine): no host has room for it at the start" }
    }

    init(day: PlanetLabDay, isPowerBlind: Bool) throws {
        let count = day.machines
        let block =
            (count + PlanetLabModel.machineKinds.count - 1) / PlanetLabModel.machineKinds.count
        self.day = day
        self.isPowerBlind = isPowerBlind
        machines = (0..<count).map { PlanetLabModel.machineKinds[$0 / block] }
        hosts = (0..<PlanetLabModel.hosts).map {
            PlanetLabModel.hostKinds[$0 % PlanetLabModel.hostKinds.count]
        }
        residents = Array(repeating: [], count: hosts.count)
        place = Array(repeating: nil, count: count)
        target = Array(repeating: nil, count: count)
        requested = machines.map(\.mips)
        givenMIPS = Array(repeating: 0, count: hosts.count)
        formerMIPS = givenMIPS
        remembered = Array(repeating: [], count: hosts.count)
        service = ServiceAccount(machines: count, hosts: hosts.count)
        try placeAll()
    }

    /// First fit by what machines are sold as.
    private mutating func placeAll() throws {
        var mips = hosts.map(\.totalMIPS)
        var memory = hosts.map { _ in PlanetLabModel.HostKind.memory }
        var network = hosts.map { _ in PlanetLabModel.hostNetwork }
        for (machine, kind) in machines.enumerated() {
            guard
                let host = hosts.indices.first(where: {
                    hosts[$0].coreMIPS >= kind.mips && mips[$0] >= kind.mips
                        && memory[$0] >= kind.memory && network[$0] >= PlanetLabModel.machineNetwork
                })
            else { throw NoRoom(machine: machine) }
            mips[host] -= kind.mips
            memory[host] -= kind.memory
            network[host] -= PlanetLabModel.machineNetwork
            residents[host].append(machine)
            place[machine] = host
        }
    }

    /// The share of `host`'s capacity that is given, up to 1.
    func utilization(of host: Int) -> Double { Self.share(givenMIPS[host], of: hosts[host]) }

    /// Goes to `time`: what machines ask for then, and what was drawn since.
    mutating func advance(to time: Double) {
        for host in hosts.indices { update(host, at: time) }
        let elapsed = time - now
        if elapsed > 0 {
            for host in hosts.indices { wattSeconds += energy(of: host, over: elapsed) }
        }
        removeFinished()
        now = time
    }

    /// Begins to carry `machine`; it arrives after `moveSeconds(of:)`.
    mutating func begin(moving machine: Int, to host: Int) {
        guard let source = place[machine], target[machine] == nil, source != host else {
            preconditionFailure("machine \(machine) cannot begin to move to \(host)")
        }
        target[machine] = host
        residents[host].append(machine)
        moves += 1
        update(host, at: now)
        update(source, at: now)
    }

    func moveSeconds(of machine: Int) -> Double {
        machines[machine].memory / PlanetLabModel.moveRate
    }

    /// The machine runs at its target from now on.
    mutating func arrive(_ machine: Int) {
        guard let source = place[machine], let host = target[machine] else {
            preconditionFailure("machine \(machine) is not under way")
        }
        residents[source].removeAll { $0 == machine }
        residents[host].removeAll { $0 == machine }
        residents[host].append(machine)
        place[machine] = host
        target[machine] = nil
        remembered[host].remove(machine)
    }

    private func energy(of host: Int, over seconds: Double) -> Double {
        if isPowerBlind { return hosts[host].power(at: 1) * seconds }
        let before = Self.share(formerMIPS[host], of: hosts[host])
        if before == 0 { return 0 }
        let from = hosts[host].power(at: before)
        let to = hosts[host].power(at: utilization(of: host))
        return (from + (to - from) / 2) * seconds
    }

    private static func share(_ mips: Double, of host: PlanetLabModel.HostKind) -> Double {
        min(mips / host.totalMIPS, 1)
    }

    private mutating func removeFinished() {
        for host in hosts.indices {
            for machine in residents[host] where target[machine] == nil && requested[machine] == 0 {
                residents[host].removeAll { $0 == machine }
                place[machine] = nil
            }
        }
    }

    /// Shares the processor time of `host` out among those on it.
    private mutating func update(_ host: Int, at time: Double) {
        for machine in residents[host] {
            requested[machine] = day.share(of: machine, at: time) * machines[machine].mips
        }
        formerMIPS[host] = givenMIPS[host]
        givenMIPS[host] = 0
        var wanted = 0.0
        let allotted = allotment(on: host)
        for (machine, mips) in zip(residents[host], allotted) {
            var given = mips
            if target[machine] != host {
                let isLeaving = target[machine] != nil
                service.note(
                    machine: machine, at: time, given: given, requested: requested[machine],
                    isMoving: isLeaving)
                if isLeaving { given /= 0.9 }
            }
            givenMIPS[host] += given
            wanted += requested[machine]
        }
        service.note(host: host, at: time, given: givenMIPS[host], requested: wanted)
    }

    /// What each resident is given, in their order.
    private mutating func allotment(on host: Int) -> [Double] {
        let core = hosts[host].coreMIPS
        var room = hosts[host].totalMIPS
        var isShort = false
        var weights: [Double] = []
        for machine in residents[host] {
            let isArriving = target[machine] == host
            if !isArriving {
                if target[machine] != nil {
                    remembered[host].insert(machine)
                } else {
                    remembered[host].remove(machine)
                }
            }
            weights.append(remembered[host].contains(machine) ? 0.9 : isArriving ? 0.1 : 1)
            var taken = min(requested[machine], core)
            if isArriving { taken *= 0.1 }
            if isShort || room < taken { isShort = true } else { room -= taken }
        }
        guard isShort else {
            return zip(residents[host], weights).map { min(requested[$0], core) * $1 }
        }
        let needed = residents[host].reduce(0.0) {
            $0 + min(requested[$1], core) * (target[$1] == host ? 0.1 : 1)
        }
        let scale = hosts[host].totalMIPS / needed
        return zip(residents[host], weights).map {
            (min(requested[$0], core) * scale * $1).rounded(.down)
        }
    }
}
