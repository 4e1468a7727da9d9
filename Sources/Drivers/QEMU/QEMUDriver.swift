package import ClusterModel
import HostIO
package import Ports
import Synchronization

/// Runs virtual machines, one QEMU process each, which outlive this driver and its agent.
///
/// Nothing is remembered here but what a trial of this host found out: each VM's directory is the
/// truth.
package struct QEMUDriver: WorkloadDriver {
    let settings: Settings
    let tree: ControlGroupTree
    let turns = Turns<InstanceID>()
    /// So that no two new VMs get the same user.
    let userTurns = Turns<String>()
    let consoles = OpenConsoles()
    let copies = OpenCopies()
    let deflated = DeflatedBalloons()
    let standing = StandingGuests()
    let doors: MovePorts
    let trial = Trial()

    package var kind: Workload.Kind { .vm }

    /// Where the driver keeps and finds what it needs.
    package struct Settings: Hashable, Sendable {
        /// Directory of the agent; VMs live in `vms` below it. Others have to be able to pass
        /// through it.
        package let data: String
        /// Control group under which each VM gets its own.
        package let group: String
        /// First of a range of users that belong to nobody else on this host; the first one tries,
        /// the others are VMs.
        package let firstUser: UInt32
        package let emulator: String
        package let imageTool: String
        /// Where moves arrive: QEMU listens at two of these while it waits for one. The other hosts
        /// have to reach all of them.
        package let movePorts: ClosedRange<UInt16>

        package init(
            data: String, group: String = "huddle-vms", firstUser: UInt32 = 400_000,
            emulator: String = "/usr/bin/qemu-system-x86_64",
            imageTool: String = "/usr/bin/qemu-img",
            movePorts: ClosedRange<UInt16> = 49_152...49_215
        ) {
            self.data = data
            self.group = group
            self.firstUser = firstUser
            self.emulator = emulator
            self.imageTool = imageTool
            self.movePorts = movePorts
        }

        var machines: String { data + "/vms" }

        /// Most VMs of one host, for which the range of users has room.
        static let mostMachines: UInt32 = 10_000
    }

    package init(_ settings: Settings) throws(DriverFailure) {
        self.settings = settings
        doors = MovePorts(settings.movePorts)
        do throws(FileFailure) {
            tree = try ControlGroupTree.mounted()
            try HostFile.makeDirectory(settings.machines, mode: 0o711)
        } catch {
            throw DriverFailure(
                .unsupported, "this host cannot keep virtual machines", cause: "\(error)")
        }
    }

    package func probe() async -> [Capability] {
        let version = await trial.version(of: settings.emulator)
        guard version.available else {
            return [version]
                + [.kvm, .multifd, .postcopy].map {
                    Capability($0, available: false, detail: "there is no QEMU")
                }
        }
        let refusal = await kvmRefusal()
        let kvm = Capability(
            .kvm, available: refusal == nil, detail: refusal ?? "a trial guest ran")
        let running = runningReleases()
        return [
            version, kvm, Streams.capability(of: version, running: running),
            Postcopy.capability(of: version, running: running),
        ]
    }

    /// The QEMU that each running VM was started by; an upgrade of the package leaves them as they are.
    private func runningReleases() -> [InstanceID: [Int]?] {
        var releases: [InstanceID: [Int]?] = [:]
        for name in (try? machineNames()) ?? [] {
            let directory = directory(of: InstanceID(name))
            guard let record = try? VMRecord.read(from: directory), !record.isPlaceholder,
                !record.isReceiving, handle(of: directory) != nil
            else { continue }
            releases[record.instanceID] = .some(record.release)
        }
        return releases
    }

    package func instances() async throws(DriverFailure) -> [DriverInstance] {
        var (found, isPatient): ([DriverInstance], Bool) = ([], true)
        for name in try machineNames() {
            let directory = directory(of: InstanceID(name))
            guard let record = try VMRecord.read(from: directory), !record.isPlaceholder,
                !record.isReceiving
            else {
                continue
            }
            let instance = try await described(record, directory)
            if instance.state == .running {
                await VMLog(directory).shorten()
                if isPatient { isPatient = await ensureDeflated(record, directory) }
                if isPatient { isPatient = await ensureAwake(record, directory) }
            }
            found.append(instance)
        }
        deflated.keep(found.map(\.id))
        return found.sorted { $0.id < $1.id }
    }

    package func start(_ order: StartOrder) async throws(DriverFailure) -> DriverInstance {
        try await turns.holding(order.instance) {
            () async throws(DriverFailure) -> DriverInstance in
            let directory = directory(of: order.instance)
            let record = try VMRecord.read(from: directory)
            if let record {
                guard record.order <= order.generation else {
                    throw DriverFailure(
                        .refused, "\(order.instance) has generation \(record.generation) here",
                        cause: "the order is of generation \(order.generation.number)")
                }
                if record.isReceiving, try await guestIsHere(directory) {
                    // It came, and only the confirmation is missing.
                    let arrived = try await confirm(record, directory)
                    if record.order == order.generation { return arrived }
                } else if record.isReceiving {
                    try await clear(directory)
                }
                if let handle = handle(of: directory) {
                    if record.order == order.generation {
                        return try await described(record, directory)
                    }
                    // What cannot start ends nothing.
                    try await requireShared(by: order.workload)
                    try await VMDisks(
                        tool: settings.imageTool, directory: directory, user: record.user
                    ).requireShared(order)
                    try await end(handle, directory)
                }
            }
            return try await launch(order, directory, previous: record)
        }
    }

    package func stop(_ instance: InstanceID, grace: Duration) async throws(DriverFailure) {
        copies.interrupt(instance)
        try await turns.holding(instance) { () async throws(DriverFailure) in
            let directory = directory(of: instance)
            guard let handle = handle(of: directory) else { return }
            await askToEnd(handle, directory, grace: grace)
            try await end(handle, directory)
        }
    }

    package func remove(_ instance: InstanceID) async throws(DriverFailure) {
        try await remove(instance, with: [])
    }

    package func remove(
        _ instance: InstanceID, with volumes: [String]
    ) async throws(DriverFailure) {
        copies.interrupt(instance)
        try await turns.holding(instance) { () async throws(DriverFailure) in
            let directory = directory(of: instance)
            guard HostFile.exists(directory.path) else {
                return try await kept(instance).remove(volumes)
            }
            let record = try VMRecord.read(from: directory)
            // What has not arrived is a part of disks that are whole elsewhere.
            let isWhole = record.map { !$0.isPlaceholder && !$0.isReceiving } ?? false
            if let handle = handle(of: directory) {
                // What QEMU has not yet written of a disk that stays would be missing there.
                if try leavesDisks(record, isWhole, directory, but: volumes) {
                    try await end(handle, directory)
                } else {
                    handle.signal(.kill)
                }
                try await waitForEnd(handle, directory)
            }
            if isWhole {
                try await removeGroup(directory)
                try await kept(instance).take(from: directory, but: volumes)
            }
            try await discard(directory)
        }
    }

    /// Whether the VM has a disk that is there after it; one that hosts share is also of a VM that has just come.
    private func leavesDisks(
        _ record: VMRecord?, _ isWhole: Bool, _ directory: VMDirectory, but volumes: [String]
    ) throws(DriverFailure) -> Bool {
        if record?.hasSharedDisks == true { return true }
        guard isWhole else { return false }
        return try kept(directory.instance).wouldTake(from: directory, but: volumes)
    }

    /// Waits until the instance does not run and returns its exit code, or one of `ExitCode`.
    package func exit(of instance: InstanceID) async throws(DriverFailure) -> Int {
        let directory = directory(of: instance)
        guard try VMRecord.read(from: directory) != nil else { throw Self.unknown(instance) }
        if let handle = handle(of: directory), await !handle.ended() {
            throw DriverFailure(.unavailable, "the call was cancelled")
        }
        return await exitCode(directory)
    }

    /// The last words of the instance's QEMU; `nil` when it said nothing.
    package func complaint(of instance: InstanceID) -> String? {
        VMLog(directory(of: instance)).lastComplaint()
    }

    // MARK: What is known

    func directory(of instance: InstanceID) -> VMDirectory {
        VMDirectory(instance, in: settings.machines)
    }

    /// What removed VMs of that name left here.
    func kept(_ instance: InstanceID) -> KeptDisks {
        KeptDisks(of: instance, in: settings.data + "/disks")
    }

    func group(of instance: InstanceID) -> ControlGroup {
        ControlGroup("\(settings.group)/\(instance.rawValue)", in: tree)
    }

    /// A hold on the instance's QEMU; `nil` when it does not run.
    func handle(of directory: VMDirectory) -> ProcessHandle? {
        guard let handle = directory.process.identity.flatMap({ ProcessHandle($0) }),
            handle.isRunning
        else {
            return nil
        }
        return handle
    }

    /// Why there is no acceleration; `nil` when there is. Tried once.
    func kvmRefusal() async -> String? {
        await trial.refusal(
            of: KVMProbe(
                emulator: settings.emulator, user: settings.firstUser,
                firmware: settings.data + "/vms/.trial.bin"))
    }

    func described(
        _ record: VMRecord, _ directory: VMDirectory
    ) async throws(DriverFailure) -> DriverInstance {
        guard handle(of: directory) != nil else {
            return DriverInstance(
                id: record.instanceID, generation: record.order,
                state: .exited(code: await exitCode(directory)), controlGroup: nil)
        }
        return DriverInstance(
            id: record.instanceID, generation: record.order, state: .running,
            controlGroup: group(of: record.instanceID).path)
    }

    /// The waiting shell notes the code a moment after QEMU's end: asked for every 10 ms for as
    /// long as that shell lives, for 2 s at most.
    func exitCode(_ directory: VMDirectory) async -> Int {
        let deadline = ContinuousClock.now + .seconds(2)
        while directory.process.exitCode == nil, !group(of: directory.instance).members().isEmpty,
            ContinuousClock.now < deadline
        {
            do { try await Task.sleep(for: .milliseconds(10)) } catch { break }
        }
        return directory.process.exitCode
            ?? (directory.process.identity == nil ? ExitCode.neverStarted : ExitCode.unknown)
    }

    static func unknown(_ instance: InstanceID) -> DriverFailure {
        DriverFailure(.notFound, "there is no \(instance) on this host")
    }

    func machineNames() throws(DriverFailure) -> [String] {
        do throws(FileFailure) {
            return try HostFile.names(in: settings.machines).filter { InstanceID.isName($0) }
        } catch {
            throw DriverFailure(vm: error, doing: "list the virtual machines")
        }
    }
}
