/// What a user submits: one kind of thing to run, its size, its image, its rules and how many of it.
package struct Workload: Hashable, Sendable {
    package let kind: Kind
    package let name: WorkloadID
    package let count: Int
    package let labels: Labels
    package let image: ImageReference
    package let program: Program
    package let storage: Storage
    package let size: Resources
    package let limit: Limit
    /// What an instance counts for at least, however little it uses.
    package let floor: CPU
    package private(set) var rules: Rules
    package private(set) var move: MovePreference
    package let onHostLoss: OnHostLoss
    /// The longest that an instance may be gone after its host fell silent, until it is started elsewhere; `nil` promises
    /// nothing.
    package let recoveryTime: Duration?

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case vm
        case container
    }

    /// What is capped; the reservation is `size`.
    package struct Limit: Hashable, Sendable {
        /// Cap on processor time; `nil` is the whole host.
        package let cpu: CPU?
        /// Cap on memory; `nil` is the reserved memory.
        package let memory: Bytes?

        package init(cpu: CPU? = nil, memory: Bytes? = nil) {
            self.cpu = cpu
            self.memory = memory
        }
    }

    package enum OnHostLoss: String, Hashable, Sendable, CaseIterable {
        /// Wait until the host is back or an operator fences it.
        case wait
        /// Start elsewhere once the lease has provably ended.
        case restart
    }

    /// Most instances of one workload; an instance's name is the workload's, a hyphen and its index.
    package static let mostInstances = 1_000
    /// Longest workload name: a DNS label less the hyphen and the largest index.
    package static let longestName = WorkloadID.longestName - 4

    /// Checks every rule that holds for one workload by itself.
    package init(
        kind: Kind, name: WorkloadID, count: Int = 1, labels: Labels = .none,
        image: ImageReference, program: Program = Program(), storage: Storage = .none,
        size: Resources, limit: Limit = Limit(), rules: Rules = .none,
        move: MovePreference = .standard, onHostLoss: OnHostLoss = .wait, floor: CPU = .zero,
        recoveryTime: Duration? = nil
    ) throws(InvalidValue) {
        self.kind = kind
        self.name = name
        self.count = count
        self.labels = labels
        self.image = image
        self.program = program
        self.storage = storage
        self.size = size
        self.limit = limit
        self.floor = floor
        self.rules = rules
        self.move = move
        self.onHostLoss = onHostLoss
        self.recoveryTime = recoveryTime
        try checkName()
        try checkSize()
        try checkKind()
        try checkProgram()
        try checkMove()
        try checkRecovery()
    }

    /// The same with other rules or another preference; no rule of validity speaks of those.
    package func with(rules: Rules? = nil, move: MovePreference? = nil) -> Workload {
        var workload = self
        workload.rules = rules ?? self.rules
        workload.move = move ?? self.move
        return workload
    }

    /// The instances this workload asks for, lowest index first.
    package var instances: [InstanceID] { (0..<count).map { instance($0) } }

    package func instance(_ index: Int) -> InstanceID { InstanceID("\(name.rawValue)-\(index)") }

    private func checkName() throws(InvalidValue) {
        guard WorkloadID.isName(name.rawValue), name.rawValue.utf8.count <= Self.longestName else {
            throw InvalidValue(
                "name", "'\(name.rawValue)' is not a name",
                suggestion:
                    "at most \(Self.longestName) lower-case letters, digits and inner hyphens")
        }
        guard (0...Self.mostInstances).contains(count) else {
            throw InvalidValue("count", "\(count) is outside 0 to \(Self.mostInstances)")
        }
    }

    private func checkSize() throws(InvalidValue) {
        guard size.cpu > .zero else { throw InvalidValue("size.cpu", "has to be above zero") }
        guard size.memory >= .mebibytes(1) else {
            throw InvalidValue(
                "size.memory", "has to be at least 1MiB", suggestion: "write a unit, such as 256MiB"
            )
        }
        if let cap = limit.cpu, cap < size.cpu {
            throw InvalidValue(
                "limit.cpu",
                "\(cap.millicores)m is less than the \(size.cpu.millicores)m of size.cpu")
        }
        if floor > size.cpu {
            throw InvalidValue(
                "floor.cpu",
                "\(floor.millicores)m is more than the \(size.cpu.millicores)m of size.cpu")
        }
        if let cap = limit.memory, cap < size.memory {
            throw InvalidValue("limit.memory", "is less than size.memory")
        }
    }

    private func checkKind() throws(InvalidValue) {
        switch kind {
        case .vm:
            guard program == Program(ports: program.ports, restart: program.restart) else {
                throw InvalidValue(
                    "command", "only containers have command, env and check",
                    suggestion: "use cloudInit to set up a VM")
            }
            guard storage.volumes.isEmpty else {
                throw InvalidValue(
                    "volumes", "only containers have volumes", suggestion: "use disks")
            }
        case .container:
            guard storage.disks.isEmpty, storage.sharedDisks.isEmpty, storage.cloudInit == nil
            else {
                throw InvalidValue(
                    "disks", "only VMs have disks and cloudInit", suggestion: "use volumes")
            }
            if case .kernel = image {
                throw InvalidValue("image", "a kernel and initrd boot a VM, not a container")
            }
        }
    }

    private func checkRecovery() throws(InvalidValue) {
        guard let recoveryTime else { return }
        guard onHostLoss == .restart else {
            throw InvalidValue(
                "recoveryTime", "what waits for its lost host has no time to keep",
                suggestion: "write onHostLoss: restart, or leave it out")
        }
        guard recoveryTime > HostLoss.certainty else {
            let seconds = HostLoss.certainty.components.seconds
            throw InvalidValue(
                "recoveryTime",
                "is not above \(seconds)s, after which it is certain that a host is lost",
                suggestion: "write at least \(seconds + 1)s")
        }
    }

    private func checkMove() throws(InvalidValue) {
        guard kind == .vm || move.converge == MovePreference.standard.converge else {
            throw InvalidValue(
                "move.converge", "only VMs run on while they are copied", suggestion: "leave it out"
            )
        }
        guard kind == .vm || !move.balloon else {
            throw InvalidValue(
                "move.balloon", "only VMs have memory that they can give back",
                suggestion: "leave it out")
        }
        guard let most = move.most else { return }
        guard move.converge.contains(.longer) else {
            throw InvalidValue(
                "move.most", "is the bound of 'longer', which move.converge does not have",
                suggestion: "write converge: [longer]")
        }
        guard most <= DowntimeLadder.longest else {
            throw InvalidValue(
                "move.most", "is more than a switch-over can last",
                suggestion: "write at most \(DowntimeLadder.longest.components.seconds)s")
        }
        guard most >= move.downtime else {
            throw InvalidValue(
                "move.most", "is less than move.downtime", suggestion: "leave it out, or raise it")
        }
    }

    private func checkProgram() throws(InvalidValue) {
        var published: Set<String> = []
        for (number, port) in program.ports.enumerated() {
            guard port.host > 0, port.instance > 0 else {
                throw InvalidValue("ports[\(number)]", "a port is a number from 1 to 65535")
            }
            guard published.insert("\(port.host)/\(port.transport)").inserted else {
                throw InvalidValue("ports[\(number)]", "port \(port.host) is published twice")
            }
        }
        for (number, variable) in program.environment.enumerated() {
            guard !variable.name.isEmpty, !variable.name.contains("=") else {
                throw InvalidValue("env[\(number)]", "'\(variable.name)' is not a variable's name")
            }
        }
        if case .http(_, let path) = program.check?.probe, !path.hasPrefix("/") {
            throw InvalidValue("check.http", "'\(path)' does not start with a slash")
        }
        if let label = labels.pairs.first(where: { $0.name.isEmpty }) {
            throw InvalidValue("labels", "a label with the value '\(label.value)' has no name")
        }
        if let small = storage.disks.firstIndex(where: { $0 < .mebibytes(1) }) {
            throw InvalidValue("disks[\(small)]", "a disk has at least 1MiB")
        }
        var names: Set<String> = []
        for disk in storage.sharedDisks {
            guard disk.size >= .mebibytes(1) else {
                throw InvalidValue("disks", "\(disk.name) has less than 1MiB")
            }
            guard names.insert(disk.name).inserted else {
                throw InvalidValue("disks", "two are called \(disk.name)")
            }
        }
    }
}
