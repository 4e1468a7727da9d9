package import ClusterModel
import HostIO
package import Ports

extension QEMUDriver: LiveMoveDriver, UserDriver {
    @discardableResult
    package func copy(
        _ instance: InstanceID, to endpoint: MoveEndpoint, credentials: MoveCredentials,
        accepting preference: MovePreference,
        ceiling: @escaping @Sendable () -> BytesPerSecond?,
        progress: @Sendable (MoveProgress) async -> Void
    ) async throws(DriverFailure) -> MoveMeasure {
        try await turns.holding(instance) { () async throws(DriverFailure) -> MoveMeasure in
            let (record, directory) = try running(instance)
            try Self.requireRoom(for: record, at: endpoint)
            copies.begin(instance)
            defer { copies.end(instance) }
            do throws(DriverFailure) {
                return try await converse(with: directory) {
                    (migration) async throws(DriverFailure) -> MoveMeasure in
                    let copies = copies
                    var copy = MoveCopy(
                        migration, to: endpoint, name: credentials.name,
                        within: preference.ladder,
                        governor: MoveGovernor(ceiling, streams: endpoint.streams),
                        isInterrupted: { copies.isInterrupted(instance) })
                    if try await !isUnderWay(migration, to: endpoint, credentials, directory) {
                        try await begin(
                            migration, record, directory, credentials, endpoint,
                            throttles: preference.converge.contains(.slower))
                        let asks = preference.balloon && record.hasBalloon
                        if asks { deflated.forget(instance) }
                        try await copy.begin(
                            samples: samples(of: directory),
                            asking: asks ? held(by: directory) : nil, progress)
                    }
                    let measure = try await copy.finish(progress)
                    copies.note(copy.result, of: instance)
                    return measure
                }
            } catch {
                await abandon(record, directory)
                throw error
            }
        }
    }

    @discardableResult
    package func switchOver(
        _ instance: InstanceID, within ladder: DowntimeLadder,
        ceiling: @escaping @Sendable () -> BytesPerSecond?
    ) async throws(DriverFailure) -> MoveMeasure {
        try await turns.holding(instance) { () async throws(DriverFailure) -> MoveMeasure in
            let (_, directory) = try running(instance)
            let copied = copies.takeResult(of: instance)
            let approach = Approach(
                ladder, from: copied.rung, ambition: copied.ambition, copying: copied.took)
            // The target runs it. What the move left here goes with the VM, or with `resume`; nobody is to wait for that.
            return try await converse(with: directory) {
                (migration) async throws(DriverFailure) -> MoveMeasure in
                // Asked only where it matters: a guest may be standing still.
                let streams = ceiling() == nil ? 1 : try await migration.streams()
                return try await letGo(
                    migration, within: ladder, approach, MoveGovernor(ceiling, streams: streams))
            }
        }
    }

    package func resume(_ instance: InstanceID) async throws(DriverFailure) {
        copies.interrupt(instance)
        try await turns.holding(instance) { () async throws(DriverFailure) in
            let (record, directory) = try running(instance)
            _ = copies.takeResult(of: instance)
            try await endIfGoneOver(directory)
            try await converse(with: directory) { (migration) async throws(DriverFailure) in
                do throws(DriverFailure) {
                    // It is ordered only once nobody has it at the target any more.
                    try await migration.undo(isTargetOver: true)
                } catch {
                    // A target that died while QEMU was reaching for it keeps QEMU waiting for its connection. The
                    // guest never stopped, and a move that is cancelled takes it nowhere.
                    guard try await migration.guestState() == "running" else { throw error }
                }
                try await migration.makeRun()
                await deflate(record, migration)
            }
            try await QEMUCredentials(directory: directory, user: record.user).erase()
            try? await HostFile.erase(directory.destination)
        }
    }

    /// Ends a QEMU whose guest ran at the target since it stood still here, and then there is nothing of it to go on with but
    /// its disks.
    private func endIfGoneOver(_ directory: VMDirectory) async throws(DriverFailure) {
        let status = try await converse(with: directory) {
            (migration) async throws(DriverFailure) in
            try await migration.status()
        }
        guard status.wentPartly || status.phase == .handing, let handle = handle(of: directory)
        else { return }
        handle.signal(.kill)
        try await waitForEnd(handle, directory)
        throw DriverFailure(
            .notFound, "\(directory.instance) ran on at the target, and ends with it")
    }

    /// The VM's record and directory; an error when its QEMU does not run here.
    private func running(
        _ instance: InstanceID
    ) throws(DriverFailure) -> (VMRecord, VMDirectory) {
        let directory = directory(of: instance)
        guard let record = try VMRecord.read(from: directory), !record.isPlaceholder else {
            throw Self.unknown(instance)
        }
        guard !record.isReceiving, handle(of: directory) != nil else {
            throw DriverFailure(.notFound, "\(instance) does not run on this host")
        }
        return (record, directory)
    }

    /// Refuses what would fail late: a VM that has a balloon arrives in no QEMU without one, and that would be found out only once
    /// it stands still.
    private static func requireRoom(
        for record: VMRecord, at endpoint: MoveEndpoint
    ) throws(DriverFailure) {
        guard endpoint.streams == 1 || Streams.isTrusted(record.release) else {
            throw DriverFailure(
                .refused,
                "\(record.instanceID) runs in a QEMU that is not to send over several streams",
                cause: "it was started before QEMU was upgraded here")
        }
        guard !endpoint.takesPostcopy || Postcopy.isTrusted(record.release) else {
            throw DriverFailure(
                .refused, "\(record.instanceID) runs in a QEMU that is not to send by post-copy",
                cause: "it was started before QEMU was upgraded here")
        }
        guard record.hasBalloon, !endpoint.hasBalloon else { return }
        throw DriverFailure(
            .refused, "\(record.instanceID) has a balloon, and what waits for it has none",
            cause: "its spec lost move.balloon since it was started, or an agent is older")
    }

    private func held(by directory: VMDirectory) -> MoveCopy.Held {
        { await inhabited(of: directory) }
    }

    /// Clears up after an earlier move, and makes QEMU ready for this one.
    private func begin(
        _ migration: Migration, _ record: VMRecord, _ directory: VMDirectory,
        _ credentials: MoveCredentials, _ endpoint: MoveEndpoint, throttles: Bool
    ) async throws(DriverFailure) {
        try await migration.undo()
        let state = try await migration.guestState()
        guard state == "running" else {
            throw DriverFailure(
                .refused, "\(directory.instance) does not run", cause: "it is \(state)")
        }
        try await QEMUCredentials(directory: directory, user: record.user)
            .write(credentials, for: .client)
        do throws(FileFailure) {
            // For an agent that comes after this one; after a power cut there is no QEMU to go on with.
            try HostFile.replace(
                directory.destination, with: note(endpoint, credentials), lasting: false)
        } catch {
            throw DriverFailure(vm: error, doing: "note the move of \(directory.instance)")
        }
        try await migration.prepare(
            credentials, directory.credentials, throttles: throttles, for: endpoint)
    }

    /// Whether this very copy was begun before, by an agent that ended or for a caller that asks
    /// again.
    private func isUnderWay(
        _ migration: Migration, to endpoint: MoveEndpoint, _ credentials: MoveCredentials,
        _ directory: VMDirectory
    ) async throws(DriverFailure) -> Bool {
        guard let noted = try? HostFile.read(directory.destination),
            noted == note(endpoint, credentials)
        else { return false }
        switch try await migration.status().phase {
        case .active, .preSwitchover: return true
        case .none, .setup, .device, .handing, .postcopy, .broken, .completed, .failed, .cancelling,
            .cancelled, .other:
            return false
        }
    }

    private func note(_ endpoint: MoveEndpoint, _ credentials: MoveCredentials) -> [UInt8] {
        let disks = endpoint.diskPort.map { "\($0)" } ?? "-"
        return Array(
            "\(endpoint.address) \(endpoint.memoryPort) \(disks) \(credentials.name)\n".utf8)
    }

    /// From the order until the target has everything, or, by post-copy, all but memory that it can ask for.
    ///
    /// From `pre-switchover` until then nobody runs: only what has to happen there does.
    private func letGo(
        _ migration: Migration, within ladder: DowntimeLadder, _ approach: Approach,
        _ governor: MoveGovernor
    ) async throws(DriverFailure) -> MoveMeasure {
        let instance = migration.instance
        let mirrors = try await migration.mirrors()
        let takesPostcopy = try await migration.takesPostcopy()
        let deadline =
            ContinuousClock.now + (takesPostcopy ? Self.shortestApproach : Self.longestApproach)
        var governor = governor
        // Asked again, after an agent's end for instance: it has let go of it before.
        if try await !migration.status().phase.isAtTarget {
            try await governor.govern(migration, mirrors, withMemory: true)
        }
        var status = try await settled(migration, approach, governor) { phase in
            !phase.isOnItsWay || ContinuousClock.now >= deadline
        }
        if status.phase.isOnItsWay, takesPostcopy {
            try await migration.goOnAtTarget()
            status = try await settled(migration) { !$0.isOnItsWay }
        }
        if status.phase.isOnItsWay {
            // Later than this the caller asks the target, which must not come to life after its answer.
            try await migration.undo()
            try await migration.makeRun()
            throw DriverFailure(
                .refused, "\(instance) could not switch over",
                cause: "it changes its memory faster than \(ladder.most.milliseconds) ms of sending"
            )
        }
        // It stands still: what it was sent so far goes along in its serial port, and what follows is for the target.
        consoles.leave(instance)
        if status.phase == .preSwitchover {
            try await migration.settle(mirrors)
            try await migration.order(
                "migrate-continue", ["state": "pre-switchover"], to: "let go")
            status = try await settled(migration) { $0.isOver || $0.isAtTarget }
        } else if status.phase == .device || status.phase == .handing {
            status = try await settled(migration) { $0.isOver || $0.isAtTarget }
        }
        guard status.phase == .completed || status.phase.isAtTarget else {
            throw DriverFailure(
                .refused, "\(instance) could not switch over",
                cause: status.complaint ?? "the move is \(status.phase)")
        }
        return MoveMeasure(
            bytes: status.memory.map { memory in
                // What the target asks for yet will come to that.
                let rest = status.phase.isAtTarget ? memory.remaining : 0
                return Bytes(
                    mirrors.reduce(memory.transferred.saturatingSum(rest)) {
                        $0.saturatingSum($1.done)
                    })
            }, downtime: status.downtime, isPartial: status.wentPartly)
    }

    /// Until the guest has to stand still; the coordinator waits 120 s for all of it.
    private static let longestApproach = Duration.seconds(90)
    /// The same where it may go on at the target before: it may converge after all, and then nothing is risked.
    private static let shortestApproach = Duration.seconds(2)

    /// Waits for a phase; meanwhile the guest may be stopped for what `approach` allows.
    ///
    /// As long as the guest changes too much for that it runs on; the caller has the deadline.
    private func settled(
        _ migration: Migration, _ approach: Approach? = nil, _ governor: MoveGovernor? = nil,
        _ condition: (MigrationStatus.Phase) -> Bool
    ) async throws(DriverFailure) -> MigrationStatus {
        var (approach, governor) = (approach, governor)
        var allowed: Duration?
        let begun = ContinuousClock.now
        while true {
            if let due = approach?.allowed, due != allowed {
                try await migration.allow(due)
                allowed = due
            }
            let heard = migration.session.heard
            let status = try await migration.status()
            if condition(status.phase) { return status }
            approach?.look(
                passes: status.memory?.passes ?? 0, at: ContinuousClock.now - begun)
            if status.phase == .active {
                try await governor?.govern(
                    migration, try await migration.mirrors(), withMemory: true)
            }
            guard !Task.isCancelled else {
                throw DriverFailure(
                    .unavailable, "the switch-over of \(migration.instance) was cancelled")
            }
            await migration.session.news(after: heard, within: .milliseconds(20))
        }
    }

    /// Has the instance go on as if nothing had been.
    ///
    /// A task of its own, awaited here: the caller's is often cancelled, and its calls would fail
    /// at once. Where QEMU has gone there is nothing to undo.
    func abandon(_ record: VMRecord, _ directory: VMDirectory) async {
        await Task {
            try? await converse(with: directory) { (migration) async throws(DriverFailure) in
                try await migration.undo()
                try await migration.makeRun()
                await deflate(record, migration)
            }
            try? await forgetMove(directory)
        }.value
    }
}
