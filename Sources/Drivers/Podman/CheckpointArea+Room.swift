import ClusterModel
import HostIO
import Ports
import Synchronization

/// What is promised to checkpoints that are under way: as far as it is not written yet, nobody else is to count on it.
///
/// Shared by all copies of an area, and by nobody else: an agent has one.
final class CheckpointPromises: Sendable {
    struct Promise: Hashable, Sendable {
        let directory: String
        /// What the container's files there may take, with what was there before.
        var total: Bytes
    }

    /// By container, which has one at a time.
    fileprivate let made = Mutex<[String: Promise]>([:])
}

extension CheckpointArea {
    /// Where a checkpoint can be written now, and what it is promised there.
    struct Room: Sendable {
        let area: CheckpointArea
        let directory: String
        let container: String
        /// What the container's files may come to without a further look.
        let promised: Bytes
        /// Most bytes that it may come to, where that was said; else it may as long as there is room.
        var limit: Bytes?

        /// The same, for what has a size that was said.
        func holding(_ size: Bytes) -> Room {
            Room(
                area: area, directory: directory, container: container, promised: promised,
                limit: size)
        }
    }

    /// Lends room for a checkpoint of about `expected` bytes; an error that says what there is, where that is too little.
    ///
    /// While `work` goes on nobody else is promised what it may still write. Afterwards its files count for what they are:
    /// all of it where it came to its end, nothing where it was cleared.
    ///
    /// - Parameter onDisk: whether it is there in any case: what waits for long is to take no memory.
    func withRoom<Outcome>(
        for expected: Bytes, of container: String, onDisk: Bool = false,
        _ work: (Room) async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome {
        let room = try promise(expected, to: container, onDisk)
        defer { promises.made.withLock { $0[container] = nil } }
        return try await work(room)
    }

    /// Whether as much could be lent now; whoever counts on it has to ask again.
    func hasRoomOnDisk(for expected: Bytes) -> Bool {
        promises.made.withLock { made in
            guard let disk = try? look(at: overflow, made) else { return false }
            return CheckpointImages.taken(byFileOf: expected) <= disk.left
        }
    }

    private func promise(
        _ expected: Bytes, to container: String, _ onDisk: Bool
    ) throws(DriverFailure) -> Room {
        try promises.made.withLock { (made) throws(DriverFailure) -> Room in
            // What was given up may still be at it.
            guard made[container] == nil else {
                throw DriverFailure(
                    .unavailable, "something of this instance is still being written down")
            }
            let memory = try look(at: directory, made)
            let needed = CheckpointImages.taken(byFileOf: expected)
            let place: Place
            if !onDisk, needed <= memory.left {
                place = memory
            } else {
                let disk = try look(at: overflow, made)
                guard needed <= disk.left else {
                    throw DriverFailure(
                        .exhausted, "there is no room for a checkpoint on this host",
                        cause: "it has about \(expected.mebibytesText);"
                            + " \(memory.left.mebibytesText) are free for checkpoints in"
                            + " \(directory), and \(disk.left.mebibytesText) in \(overflow)")
                }
                place = disk
            }
            let before = place.taken[container] ?? .zero
            made[container] = CheckpointPromises.Promise(
                directory: place.directory, total: before + needed)
            return Room(
                area: self, directory: place.directory, container: container,
                promised: before + needed)
        }
    }

    /// Has the promise cover `total` bytes that the container's files take, and returns how much it covers then; an error where
    /// there is no room for so much.
    func extend(
        _ room: Room, to total: Bytes, files: Int
    ) throws(DriverFailure) -> Bytes {
        try promises.made.withLock { (made) throws(DriverFailure) -> Bytes in
            guard let promise = made[room.container] else {
                preconditionFailure("\(room.container) writes without a promise")
            }
            if total <= promise.total { return promise.total }
            var others = made
            others[room.container] = nil
            let place = try look(at: room.directory, others)
            let more = total.subtracting(place.taken[room.container] ?? .zero) ?? .zero
            guard more <= place.left else {
                throw DriverFailure(
                    .exhausted, "the checkpoint is larger than this host has room for",
                    cause: "it takes more than \(promise.total.mebibytesText)"
                        + (files > 1 ? " in \(files) files" : ""))
            }
            let further = min(Self.step, place.left.subtracting(more) ?? .zero)
            made[room.container]?.total = total + further
            return total + further
        }
    }

    /// By how much a promise grows: each time all files are looked at.
    private static let step = Bytes.mebibytes(16)

    /// What there is in one of the two directories.
    private struct Place {
        let directory: String
        /// By what is there, of each container.
        let taken: [String: Bytes]
        /// Beside what is taken and what is promised.
        let left: Bytes
    }

    private func look(
        at place: String, _ made: [String: CheckpointPromises.Promise]
    ) throws(DriverFailure) -> Place {
        try attempt { () throws(FileFailure) -> Place in
            try HostFile.makeDirectory(place)
            try HostFile.setPermissions(0o700, of: place)
            let taken = try taken(in: place)
            let owed = made.filter { $0.value.directory == place }.reduce(Bytes.zero) {
                $0 + ($1.value.total.subtracting(taken[$1.key] ?? .zero) ?? .zero)
            }
            let free = try HostFile.freeSpace(at: place).subtracting(owed) ?? .zero
            guard place == directory else {
                let left = free.subtracting(diskReserve) ?? .zero
                return Place(directory: place, taken: taken, left: left)
            }
            let used = taken.values.reduce(owed, +)
            let left = min(bound.subtracting(used) ?? .zero, free)
            return Place(directory: place, taken: taken, left: left)
        }
    }

    /// What the files of each container take.
    private func taken(
        in place: String, by owner: String? = nil
    ) throws(FileFailure) -> [String: Bytes] {
        let wanted = owner
        var taken: [String: Bytes] = [:]
        for name in try HostFile.names(in: place) {
            let owner = Self.owner(of: name)
            guard wanted == nil || wanted == owner else { continue }
            let more = try CheckpointImages(directory: "\(place)/\(name)").taken
            taken[owner] = taken[owner, default: .zero] + more
        }
        return taken
    }

    /// What the files of one container take, where it writes.
    func taken(in room: Room) throws(DriverFailure) -> Bytes {
        try attempt { () throws(FileFailure) in
            try taken(in: room.directory, by: room.container)[room.container] ?? .zero
        }
    }
}
