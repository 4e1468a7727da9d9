import ClusterModel
import Ports

extension Migration {
    /// Names of the VM's own disks; bases and seed are not copied.
    func ownDisks() async throws(DriverFailure) -> [String] {
        try await nodes().filter { name in
            name == "root" || name.hasPrefix("disk") && UInt(name.dropFirst(4)) != nil
        }
    }

    /// Sets up what a migration needs of QEMU, before anything is sent.
    ///
    /// - Parameters:
    ///   - throttles: whether the guest's processors may be held back. QEMU keeps what an earlier move set.
    ///   - endpoint: how the target awaits the memory.
    func prepare(
        _ credentials: MoveCredentials, _ directory: String, throttles: Bool,
        for endpoint: MoveEndpoint
    ) async throws(DriverFailure) {
        try await present(directory, as: .client)
        try await use([
            "pause-before-switchover": true, "auto-converge": throttles, "events": true,
        ])
        try await arrangePassage(endpoint.streams, takesPostcopy: endpoint.takesPostcopy)
        try await order(
            "migrate-set-parameters",
            [
                "tls-creds": .text(Name.credentials), "tls-hostname": .text(credentials.name),
                "max-bandwidth": .number(Self.unlimited),
                // The least there is: a longer one may be reached, and the guest stopped, before
                // anybody ordered the switch-over. Zero would have QEMU 7.2 stop it after the
                // first pass, whatever changed since.
                "downtime-limit": 1,
            ], to: "prepare the move")
    }

    /// Has the guest go on at the target as soon as it stands still here, whatever is left to send: that goes as fast as it can,
    /// because the guest waits for each page of it that it needs.
    func goOnAtTarget() async throws(DriverFailure) {
        try await order(
            "migrate-set-parameters", ["max-postcopy-bandwidth": 0], to: "pace the move")
        try await order("migrate-start-postcopy", to: "go on at the target")
    }

    /// Begins to copy each disk, and each write to it from then on.
    ///
    /// Only the overlay goes over (`top`): the other host has the base. Once a disk is through, the
    /// guest's writes wait for both sides (`write-blocking`), so that next to nothing is left to
    /// send while the guest stands still.
    ///
    /// - Parameter rate: bytes a second for each; zero is no limit. The guest's own writes do not wait for it.
    func mirror(
        _ disks: [String], to endpoint: MoveEndpoint, name: String, rate: Int64
    ) async throws(DriverFailure) {
        guard !disks.isEmpty else { return }
        guard let port = endpoint.diskPort else {
            throw DriverFailure(.refused, "the target of \(instance) takes no disks")
        }
        for disk in disks {
            let copy = Name.disk + disk
            try await order(
                "blockdev-add",
                [
                    "driver": "nbd", "node-name": .text(copy), "export": .text(disk),
                    "server": [
                        "type": "inet", "host": .text("\(endpoint.address)"),
                        "port": .text("\(port)"),
                    ],
                    "tls-creds": .text(Name.credentials), "tls-hostname": .text(name),
                ], to: "reach the target's disk \(disk)")
            try await order(
                "blockdev-mirror",
                [
                    "job-id": .text(copy), "device": .text(disk), "target": .text(copy),
                    "sync": "top", "copy-mode": "write-blocking", "auto-dismiss": false,
                    "speed": .number(rate),
                ], to: "copy the disk \(disk)")
        }
    }

    /// Sends what the stopped VM's disks lack, and ends the copying with both sides equal.
    func settle(_ mirrors: [BlockJob]) async throws(DriverFailure) {
        // Nobody runs meanwhile: a question saved.
        guard !mirrors.isEmpty else { return }
        try requireSound(mirrors)
        for mirror in mirrors {
            try await order(
                "block-job-cancel", ["device": .text(mirror.id), "force": false],
                to: "finish the disk \(mirror.id)")
        }
        let settled = try await holds(within: .seconds(60)) { () async throws(DriverFailure) in
            let mirrors = try await self.mirrors()
            try requireSound(mirrors)
            return mirrors.allSatisfy(\.hasEnded)
        }
        guard settled else {
            throw DriverFailure(.unavailable, "the disks of \(instance) do not become equal")
        }
    }

    /// Lets QEMU stop the guest once the rest takes this long.
    func allow(_ downtime: Duration) async throws(DriverFailure) {
        try await order(
            "migrate-set-parameters",
            [
                // QEMU takes 2 000 s at most.
                "downtime-limit": .number(min(2_000_000, max(1, downtime.milliseconds)))
            ], to: "switch over")
    }

    func requireSound(_ mirrors: [BlockJob]) throws(DriverFailure) {
        for mirror in mirrors {
            guard let complaint = mirror.complaint else { continue }
            throw DriverFailure(
                .refused, "a disk of \(instance) could not be copied", cause: complaint)
        }
    }

    /// Removes what the copying of disks needed; jobs that still run end unfinished.
    func removeMirrors() async throws(DriverFailure) {
        for mirror in try await mirrors() where !mirror.hasEnded {
            // It may just have ended by itself.
            try? await order(
                "block-job-cancel", ["device": .text(mirror.id), "force": true],
                to: "end the copy of a disk")
        }
        let haveEnded = { () async throws(DriverFailure) in
            try await mirrors().allSatisfy(\.hasEnded)
        }
        var ended = try await holds(within: .seconds(1), haveEnded)
        if !ended {
            for mirror in try await mirrors() where !mirror.hasEnded {
                await yank([["type": "block-node", "node-name": .text(mirror.id)]])
            }
            ended = try await holds(within: .seconds(10), haveEnded)
        }
        guard ended else {
            throw DriverFailure(.unavailable, "the copy of a disk of \(instance) does not end")
        }
        for mirror in try await mirrors() {
            try await order("job-dismiss", ["id": .text(mirror.id)], to: "forget the copy")
        }
        for node in try await nodes() where node.hasPrefix(Name.disk) {
            // QEMU flushes what it leaves, and does nothing else until that is through.
            await yank([["type": "block-node", "node-name": .text(node)]])
            try await order(
                "blockdev-del", ["node-name": .text(node)], to: "leave the target's disk")
        }
    }

    /// Ends a move that is under way, if any; the guest, where that stopped it, goes on by itself.
    ///
    /// - Parameter isTargetOver: whether it is known that the guest does not run at the target any more, if it ever did.
    func undo(isTargetOver: Bool = false) async throws(DriverFailure) {
        let hasEnded = try await cancel(isTargetOver)
        // Also where it has not: a guest whose writes go to a host that does not answer stands still with them.
        try await removeMirrors()
        guard hasEnded else {
            throw DriverFailure(.unavailable, "the move of \(instance) does not end")
        }
        await withdraw()
    }

    /// Whether no migration is under way any more.
    private func cancel(_ isTargetOver: Bool) async throws(DriverFailure) -> Bool {
        var phase = try await status().phase
        var mayBeThere = phase.isAtTarget
        if phase == .device || phase == .handing { mayBeThere = try await takesPostcopy() }
        if mayBeThere, isTargetOver, phase == .device {
            // What it sends last finds nobody, and on which side of letting go that leaves it, QEMU says then.
            await yank([["type": "migration"]])
            _ = try await holds(within: .seconds(10)) { () async throws(DriverFailure) in
                phase = try await status().phase
                return phase.isOver || phase.isAtTarget
            }
            mayBeThere = !phase.isOver || phase.isAtTarget
        }
        // One of 7.2 would go on here beside the one at the target, and from `device` on nobody knows.
        guard !mayBeThere else {
            throw DriverFailure(.refused, "\(instance) runs at its target already")
        }
        guard !phase.isOver else { return true }
        let isOver = { () async throws(DriverFailure) in try await status().phase.isOver }
        if try await streams() > 1 {
            // QEMU says goodbye on each of several streams when it cancels (10.0), and its guest stands still until a silent
            // target has heard that. On one that was cut it says nothing.
            await yank([["type": "migration"]])
            if try await holds(within: .seconds(1), isOver) { return true }
        }
        try await order("migrate_cancel", to: "end the move")
        if try await holds(within: .seconds(1), isOver) { return true }
        // It waits for a target that is silent.
        await yank([["type": "migration"]])
        return try await holds(within: .seconds(10), isOver)
    }

    /// Cuts connections from within, so that nothing waits for their other end; of those that are not there no matter.
    private func yank(_ connections: [QMPValue]) async {
        try? await order("yank", ["instances": .list(connections)], to: "cut the connections")
    }

    /// Has the guest run here, from wherever a move left it.
    ///
    /// After a migration that was completed QEMU takes its disks back with it.
    func makeRun() async throws(DriverFailure) {
        let runs = try await holds(within: .seconds(10)) { () async throws(DriverFailure) in
            switch try await guestState() {
            case "running": return true
            // QEMU is about to decide what comes of the migration.
            case "finish-migrate", "save-vm": return false
            default:
                try await order("cont", to: "go on")
                return false
            }
        }
        guard runs else {
            let state = try await guestState()
            throw DriverFailure(.refused, "\(instance) does not go on", cause: "it is \(state)")
        }
    }
}
