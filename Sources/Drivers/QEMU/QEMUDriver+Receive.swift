package import ClusterModel
import HostIO
package import Ports

extension QEMUDriver {
    package func receive(
        _ order: StartOrder, at address: IPv4Address, credentials: MoveCredentials, streams: Int,
        takingPostcopy: Bool
    ) async throws(DriverFailure) -> MoveEndpoint {
        try await turns.holding(order.instance) {
            () async throws(DriverFailure) -> MoveEndpoint in
            let directory = directory(of: order.instance)
            guard directory.fitsSockets else {
                throw DriverFailure(.unsupported, "\(directory.console) is too long for a socket")
            }
            let previous = try VMRecord.read(from: directory)
            try await refuseIfNewer(order, directory, previous: previous)
            do throws(DriverFailure) {
                if previous != nil { try await clear(directory) }
                return try await arrange(
                    order, directory, previous: previous, at: address, credentials: credentials,
                    streams: streams, takingPostcopy: takingPostcopy)
            } catch {
                await discardInSpite(directory)
                throw error
            }
        }
    }

    package func arrived(
        _ instance: InstanceID, from source: MoveSource
    ) async throws(DriverFailure) -> StreamArrival {
        try await turns.holding(instance) { () async throws(DriverFailure) -> StreamArrival in
            let directory = directory(of: instance)
            guard let record = try VMRecord.read(from: directory), !record.isPlaceholder else {
                throw Self.unknown(instance)
            }
            // Also when it has ended since: it was here.
            guard record.isReceiving else {
                let seen = try await described(record, directory)
                let wasLost = try PostcopyNote.read(from: directory)?.stage == .lost
                return StreamArrival(seen, isLost: wasLost && seen.state != .running)
            }
            if let arrival = try PostcopyNote.read(from: directory) {
                return try await confirm(record, directory, arrival, from: source)
            }
            guard handle(of: directory) != nil else {
                throw DriverFailure(
                    .refused, "\(instance) did not arrive: its QEMU has ended",
                    cause: VMLog(directory).lastComplaint())
            }
            return StreamArrival(try await confirm(record, directory))
        }
    }

    package func dismiss(_ instance: InstanceID) async throws(DriverFailure) {
        try await turns.holding(instance) { () async throws(DriverFailure) in
            let directory = directory(of: instance)
            guard HostFile.exists(directory.path) else { return }
            let record = try VMRecord.read(from: directory)
            let isSettled = record.map { !$0.isReceiving && !$0.isPlaceholder } ?? false
            let handle = handle(of: directory)
            // Where QEMU gives no answer it may be here, so it is: to be asked again.
            var isHere = isSettled
            var note = try PostcopyNote.read(from: directory)
            // It ran with a part of its memory: its disks are nowhere else as it left them.
            if let note, note.stage != .awaited { isHere = true }
            if !isHere, handle != nil {
                isHere = try await hasCome(directory)
                if isHere { try note?.reach(.here, in: directory) }
            }
            guard !isHere else {
                throw DriverFailure(.refused, "\(instance) came after all and is here")
            }
            if let handle {
                handle.signal(.kill)
                try await waitForEnd(handle, directory)
            }
            try await discard(directory)
        }
    }

    /// Has a QEMU that waits for its guest keep it from coming to life by itself; where it has come already it runs.
    ///
    /// Source: QEMU's `qmp_stop`: while a guest is awaited, `stop` takes back that it is to start on its arrival. So
    /// either it was there before, or it will not run before somebody lets it.
    func hasCome(_ directory: VMDirectory) async throws(DriverFailure) -> Bool {
        try await converse(with: directory) { (migration) async throws(DriverFailure) in
            // A QEMU that waits for the memory of a guest that runs, or is about to, answers nothing any more once it is told
            // to stop.
            guard try await !migration.status().phase.isAtTarget else { return true }
            if try await migration.guestState() == "inmigrate" {
                try await migration.order("stop", to: "keep the guest from starting")
                guard try await migration.guestState() != "inmigrate" else { return false }
            }
            // One that cannot go on, because its disk is full for instance, is here all the same.
            try? await migration.makeRun()
            return true
        }
    }

    /// Makes a VM that came by a move one like any other, once it runs.
    ///
    /// QEMU lets it run a moment after the source has let go: for that 10 s are more than enough.
    func confirm(
        _ record: VMRecord, _ directory: VMDirectory
    ) async throws(DriverFailure) -> DriverInstance {
        if let arrival = try PostcopyNote.read(from: directory) {
            return try await confirm(record, directory, arrival, from: .unknown).instance
        }
        let cameInTime = try await converse(with: directory) {
            (migration) async throws(DriverFailure) -> Bool in
            let came = try await migration.holds(within: .seconds(10)) {
                () async throws(DriverFailure) in
                try await migration.guestState() != "inmigrate"
            }
            // What came after it was asked for in vain waits for this.
            if came {
                try? await migration.makeRun()
                await deflate(record, migration)
                await migration.close()
            }
            return came
        }
        if !cameInTime {
            guard try await hasCome(directory) else {
                throw DriverFailure(.refused, "\(directory.instance) did not arrive here")
            }
            try await converse(with: directory) { (migration) async in
                await deflate(record, migration)
                await migration.close()
            }
        }
        return try await welcome(record, directory)
    }

    /// Makes a VM that came by a move one like any other, whether it runs or has ended since.
    func welcome(
        _ record: VMRecord, _ directory: VMDirectory
    ) async throws(DriverFailure) -> DriverInstance {
        try await QEMUCredentials(directory: directory, user: record.user).erase()
        let settled = record.arrived
        try await settled.write(to: directory)
        // Whoever asks again is to hear the same.
        if try PostcopyNote.read(from: directory)?.stage != .lost {
            try? await HostFile.erase(directory.arrival)
        }
        return try await described(settled, directory)
    }

    /// Whether a QEMU that waited for a move has got its guest; one that cannot go on, because a disk is full for instance, is
    /// here all the same.
    func guestIsHere(_ directory: VMDirectory) async throws(DriverFailure) -> Bool {
        guard handle(of: directory) != nil else {
            return try PostcopyNote.read(from: directory).map { $0.stage != .awaited } ?? false
        }
        return try await converse(with: directory) {
            (migration) async throws(DriverFailure) -> Bool in
            try await migration.guestState() != "inmigrate"
        }
    }

    /// Ends what waits for a move that did not come, and removes its files; the VM keeps its user.
    func clear(_ directory: VMDirectory) async throws(DriverFailure) {
        if let handle = handle(of: directory) {
            handle.signal(.kill)
            try await waitForEnd(handle, directory)
        }
        try await removeGroup(directory)
        try await VMLog(directory).clear()
        do throws(FileFailure) {
            try await HostFile.erase(directory.run)
            try await HostFile.erase(directory.credentials)
            try await HostFile.erase(directory.arrival)
            try directory.process.clear()
        } catch {
            throw DriverFailure(vm: error, doing: "clear up \(directory.instance)")
        }
    }

    /// One session with the VM's QEMU.
    func converse<Outcome: Sendable>(
        with directory: VMDirectory,
        _ use: (Migration) async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome {
        let instance = directory.instance
        return try await QMPClient(socket: directory.monitor).session(
            failing: { DriverFailure(vm: $0, doing: "speak of the move of \(instance)") }
        ) { (session) async throws(DriverFailure) -> Outcome in
            try await use(Migration(session: session, instance: instance))
        }
    }

    private func arrange(
        _ order: StartOrder, _ directory: VMDirectory, previous: VMRecord?,
        at address: IPv4Address, credentials: MoveCredentials, streams: Int,
        takingPostcopy: Bool
    ) async throws(DriverFailure) -> MoveEndpoint {
        let record = try await settle(order, directory, previous: previous, isReceiving: true)
        try await QEMUCredentials(directory: directory, user: record.user)
            .write(credentials, for: .server)
        let line = QEMUCommandLine(
            order: order, directory: directory,
            acceleration: QEMUCommandLine.Acceleration(rawValue: record.accelerator) ?? .tcg,
            isIncoming: true)
        try await runMachine(record, order, directory, arguments: line.arguments)
        return try await converse(with: directory) {
            (migration) async throws(DriverFailure) -> MoveEndpoint in
            try await migration.present(directory.credentials, as: .server)
            let endpoint = try await migration.open(
                at: address, ports: doors, for: QEMUCredentials.subject(of: credentials),
                disks: QEMUCommandLine.diskNames(of: order), hasBalloon: record.hasBalloon,
                streams: streams, takesPostcopy: takingPostcopy)
            if takingPostcopy { try PostcopyNote(port: endpoint.memoryPort).write(to: directory) }
            return endpoint
        }
    }

    /// A task of its own, awaited here: the caller's may be cancelled, and its calls would fail at
    /// once.
    private func discardInSpite(_ directory: VMDirectory) async {
        await Task {
            if let handle = handle(of: directory) {
                handle.signal(.kill)
                try? await waitForEnd(handle, directory)
            }
            try? await discard(directory)
        }.value
    }
}
