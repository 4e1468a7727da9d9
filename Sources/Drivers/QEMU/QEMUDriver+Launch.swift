package import ClusterModel
import HostIO
package import Ports

extension QEMUDriver {
    /// Starts the VM; a new one that does not start leaves nothing behind, an old one keeps its
    /// disks.
    func launch(
        _ order: StartOrder, _ directory: VMDirectory, previous: VMRecord?
    ) async throws(DriverFailure) -> DriverInstance {
        guard directory.fitsSockets else {
            throw DriverFailure(.unsupported, "\(directory.console) is too long for a socket")
        }
        do throws(DriverFailure) {
            let record = try await settle(order, directory, previous: previous)
            try await runMachine(record, order, directory, arguments: record.arguments)
            try await kept(order.instance).handOver(to: directory)
            return try await described(record, directory)
        } catch {
            // The reason is worth more than that of a failed cleaning up: the next start repeats
            // it.
            if previous == nil || previous?.isPlaceholder == true || previous?.isReceiving == true {
                try? await discard(directory)
            } else {
                try? await removeGroup(directory)
            }
            throw error
        }
    }

    /// Writes down what the VM is to be and makes its files.
    func settle(
        _ order: StartOrder, _ directory: VMDirectory, previous: VMRecord?,
        isReceiving: Bool = false
    ) async throws(DriverFailure) -> VMRecord {
        try await requireShared(by: order.workload)
        // Whoever is left in the group ends here, such as a start that an agent made while it was killed: never two
        // copies, and none that still has a disk open.
        try await removeGroup(directory)
        let acceleration: QEMUCommandLine.Acceleration = await kvmRefusal() == nil ? .kvm : .tcg
        let line = QEMUCommandLine(order: order, directory: directory, acceleration: acceleration)
        let user = try await user(for: directory, previous: previous)
        var base: String?
        if case .qcow2(let path) = order.image { base = path }
        let disks = VMDisks(tool: settings.imageTool, directory: directory, user: user)
        // First what can be refused without a change to anything of the VM's own.
        if isReceiving {
            try await disks.requireSharedOpen(order)
        } else {
            try await disks.prepareShared(order, previous: previous)
        }
        // What a move brings is made anew.
        if !isReceiving { try await disks.takeBack(kept(order.instance), for: order.workload) }
        try await disks.prepare(order, keepOverlay: previous?.base == base)
        // A copy that its QEMU and the agent did not outlive left its key here.
        try await forgetMove(directory)
        let record = VMRecord(
            instance: order.instance, generation: order.generation, user: user,
            accelerator: acceleration.rawValue, base: base, arguments: line.arguments,
            release: await trial.version(of: settings.emulator).release, isReceiving: isReceiving)
        try await record.write(to: directory)
        return record
    }

    /// Removes what a move that is over left for its QEMU.
    func forgetMove(_ directory: VMDirectory) async throws(DriverFailure) {
        do throws(FileFailure) {
            try await HostFile.erase(directory.credentials)
            try await HostFile.erase(directory.destination)
        } catch {
            throw DriverFailure(vm: error, doing: "clear up \(directory.instance)")
        }
    }

    /// The user that the instance's QEMU runs as here, or will: for whoever prepares what it is to
    /// open. It keeps it until it is removed.
    package func user(for instance: InstanceID) async throws(DriverFailure) -> UInt32 {
        try await turns.holding(instance) { () async throws(DriverFailure) -> UInt32 in
            let directory = directory(of: instance)
            return try await user(for: directory, previous: try VMRecord.read(from: directory))
        }
    }

    /// The VM's user, which it keeps; a new VM gets the lowest that is free, noted before the next
    /// may look.
    func user(
        for directory: VMDirectory, previous: VMRecord?
    ) async throws(DriverFailure) -> UInt32 {
        if let previous {
            try makeDirectories(directory, user: previous.user)
            return previous.user
        }
        return try await userTurns.holding("users") { () async throws(DriverFailure) -> UInt32 in
            var taken: Set<UInt32> = []
            for name in try machineNames() {
                if let record = try VMRecord.read(from: self.directory(of: InstanceID(name))) {
                    taken.insert(record.user)
                }
            }
            let range = (settings.firstUser + 1)...(settings.firstUser + Settings.mostMachines)
            guard let free = range.first(where: { !taken.contains($0) }) else {
                throw DriverFailure(.exhausted, "this host has no user left for another VM")
            }
            try makeDirectories(directory, user: free)
            let placeholder = VMRecord(
                instance: directory.instance, generation: Generation(0), user: free)
            try await placeholder.write(to: directory)
            return free
        }
    }

    private func makeDirectories(_ directory: VMDirectory, user: UInt32) throws(DriverFailure) {
        do throws(FileFailure) {
            try HostFile.makeDirectory(directory.path, mode: 0o711)
            try HostFile.makeDirectory(directory.run, mode: 0o700)
            try HostFile.setOwner(user, of: directory.run)
        } catch {
            throw DriverFailure(vm: error, doing: "make the directory of \(directory.instance)")
        }
    }

    /// Starts QEMU in its own control group and waits until it answers.
    func runMachine(
        _ record: VMRecord, _ order: StartOrder, _ directory: VMDirectory, arguments: [String]
    ) async throws(DriverFailure) {
        let workload = order.workload
        let group = group(of: order.instance)
        do throws(FileFailure) {
            try group.create(
                ControlGroup.Limits(
                    weight: workload.size.cpu, cap: workload.limit.cpu,
                    memory: QEMUCommandLine.memoryCap(guest: QEMUCommandLine.memory(of: workload))))
            try directory.process.clear()
            try HostFile.remove(directory.monitor)
            try HostFile.remove(directory.console)
        } catch {
            throw DriverFailure(vm: error, doing: "prepare \(order.instance)")
        }
        let device = HostFile.status(of: KVMProbe.device)
        let program = DetachedProcess.Program(
            path: settings.emulator, arguments: arguments, user: record.user,
            group: order.workload.storage.sharedDisks.isEmpty
                ? nil : SharedDiskFile.group(of: order.instance),
            groups: record.accelerator == "kvm" ? device.map { [$0.group] } ?? [] : [],
            bindsLowPorts: publishesLowPorts(order), output: directory.complaints)
        do throws(ProcessFailure) {
            _ = try await directory.process.start(program, in: group)
        } catch {
            throw DriverFailure(tool: error, doing: "start \(order.instance)")
        }
        try await awaitMonitor(directory)
    }

    private func publishesLowPorts(_ order: StartOrder) -> Bool {
        switch order.network {
        case .published(let ports): ports.contains { $0.host < 1024 }
        case .tap, .namespace: false
        }
    }

    private func reason(_ directory: VMDirectory) async -> String {
        let code = await exitCode(directory)
        return VMLog(directory).lastComplaint() ?? "it ended with code \(code)"
    }

    /// QEMU says in no other way when its socket is there: tried every 5 ms until it answers or
    /// has ended, for 30 s at most, as a host under load needs several.
    private func awaitMonitor(_ directory: VMDirectory) async throws(DriverFailure) {
        let deadline = ContinuousClock.now + .seconds(30)
        var last: QMPFailure?
        while ContinuousClock.now < deadline {
            guard let handle = handle(of: directory) else {
                throw DriverFailure(
                    .refused, "QEMU did not start \(directory.instance)",
                    cause: await reason(directory))
            }
            do throws(QMPFailure) {
                return try await QMPClient(socket: directory.monitor).execute("query-status")
            } catch {
                last = error
            }
            do { try await Task.sleep(for: .milliseconds(5)) } catch {
                handle.signal(.kill)
                throw DriverFailure(.unavailable, "the start was cancelled")
            }
        }
        handle(of: directory)?.signal(.kill)
        throw DriverFailure(
            .unavailable, "QEMU of \(directory.instance) does not answer",
            cause: last.map { "\($0)" })
    }
}
