import ClusterModel
import HostIO
import Ports

extension CheckpointArea {
    /// Appends to files that must not outgrow their room together; belongs to one task.
    final class Writer {
        private let room: Room
        /// What the container had before; it counts, too.
        private let before: Bytes
        /// Bytes of content, and what the files of it take.
        private var written = Bytes.zero
        private var taken = Bytes.zero
        /// Of the present file, both.
        private var present = (written: Bytes.zero, taken: Bytes.zero)
        private var files = 0
        /// What the container's files may come to without a further look.
        private var covered: Bytes
        private var chunks: FileChunks?
        /// Podman's pieces have some 32 KiB, and each call to a disk costs a change of threads.
        private var pending: [UInt8] = []
        private static let piece = 1 << 20

        init(_ room: Room) throws(DriverFailure) {
            self.room = room
            covered = room.promised
            before = try room.area.taken(in: room)
        }

        /// What is appended from now on goes into this file, one of so many at most.
        ///
        /// - Parameter goingOn: whether that is after what is in it.
        func begin(_ path: String, goingOn: Bool = false) async throws(DriverFailure) {
            try await end()
            files += 1
            guard files <= room.area.mostFiles else {
                throw DriverFailure(
                    .refused, "the checkpoint has more files than a host takes",
                    cause: "it has more than \(room.area.mostFiles)")
            }
            taken = taken + present.taken
            present = (.zero, .zero)
            // Nothing is in it, and it takes room all the same.
            try cover()
            do throws(FileFailure) {
                chunks = try FileChunks(writing: path, appending: goingOn)
            } catch {
                throw DriverFailure(area: error)
            }
        }

        func append(_ bytes: [UInt8]) async throws(DriverFailure) {
            guard !bytes.isEmpty else { return }
            let more = Bytes(UInt64(bytes.count))
            written = written + more
            present.written = present.written + more
            if let limit = room.limit, written > limit {
                throw DriverFailure(
                    .exhausted, "the checkpoint is larger than this host has room for",
                    cause: "it has more than the \(limit.mebibytesText) that were said")
            }
            try cover()
            if pending.isEmpty && bytes.count >= Self.piece { return try await write(bytes) }
            pending += bytes
            if pending.count >= Self.piece { try await flush() }
        }

        /// Nothing more comes into the present file.
        func end() async throws(DriverFailure) {
            try await flush()
            chunks = nil
        }

        private func cover() throws(DriverFailure) {
            present.taken = CheckpointImages.taken(byFileOf: present.written)
            let total = before + taken + present.taken
            if total > covered { covered = try room.area.extend(room, to: total, files: files) }
        }

        private func flush() async throws(DriverFailure) {
            guard !pending.isEmpty else { return }
            try await write(pending)
            pending.removeAll(keepingCapacity: true)
        }

        private func write(_ bytes: [UInt8]) async throws(DriverFailure) {
            guard let chunks else { preconditionFailure("\(bytes.count) bytes for no file") }
            do throws(FileFailure) { try await chunks.append(bytes) } catch {
                throw DriverFailure(area: error)
            }
        }
    }
}
