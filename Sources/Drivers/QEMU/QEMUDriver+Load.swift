package import ClusterModel
import HostIO
package import Ports

extension QEMUDriver: MeasuringDriver {
    package func load(
        of instance: InstanceID, at now: Instant
    ) async throws(DriverFailure) -> MoveLoad? {
        let directory = directory(of: instance)
        guard let record = try VMRecord.read(from: directory), !record.isPlaceholder,
            !record.isReceiving
        else { throw Self.unknown(instance) }
        guard let (process, mapping) = mapping(of: directory),
            let changes = try await changes(of: directory, mapping.size),
            let memory = await Self.inhabited(mapping, of: process)
        else { return nil }
        return MoveLoad(
            at: now, memory: memory, disks: Self.disks(of: directory), changes: changes.known)
    }

    /// What came of a measurement that was made.
    private struct Finding: Sendable { let known: MoveLoad.Changes? }

    /// Looks twice how the guest changes its memory, for a tenth of a second and for a whole one.
    ///
    /// QEMU compares the pages by itself meanwhile: nobody waits for a turn but while it is told to begin and asked for
    /// what it found. One that is old knows whole seconds alone, and then nothing is said of the set.
    private func changes(
        of directory: VMDirectory, _ memory: Bytes
    ) async throws(DriverFailure) -> Finding? {
        let pages = Self.samples(of: memory)
        guard let isFine = try await begin(directory, .short, pages) else { return nil }
        guard isFine else {
            guard try await begin(directory, .long, pages) != nil else { return nil }
            let rate = try await found(directory, .long)
            return Finding(known: rate.map { MoveLoad.Changes(rate: $0) })
        }
        guard let short = try await found(directory, .short),
            try await begin(directory, .long, pages) != nil,
            let long = try await found(directory, .long)
        else { return nil }
        let changes = MoveLoad.Changes(short: short, long: (long, Migration.Window.long.duration))
        return Finding(known: changes)
    }

    /// Begins a measurement; `nil` where it is not the time for one, false where QEMU cannot measure so short.
    private func begin(
        _ directory: VMDirectory, _ window: Migration.Window, _ pages: Int64
    ) async throws(DriverFailure) -> Bool? {
        try await ifFree(directory) { (migration) async throws(DriverFailure) -> Bool? in
            guard try await migration.status().phase.isOver,
                try await migration.guestState() == "running"
            else { return nil }
            return try await migration.measure(window, samples: pages)
        }
    }

    /// What a measurement found, once it has ended; `nil` where somebody else came meanwhile.
    private func found(
        _ directory: VMDirectory, _ window: Migration.Window
    ) async throws(DriverFailure) -> BytesPerSecond? {
        for _ in 0..<Self.patience {
            do { try await Task.sleep(for: window.duration) } catch { return nil }
            // The thread that compares needs a moment more than the window.
            let answer = try await ifFree(directory) {
                (migration) async throws(DriverFailure) -> Migration.Measured? in
                try await migration.measured()
            }
            guard let answer else { return nil }
            if let rate = answer.rate { return rate }
        }
        return nil
    }

    /// A word with QEMU, unless something is done with the instance.
    private func ifFree<Outcome: Sendable>(
        _ directory: VMDirectory,
        _ use: (Migration) async throws(DriverFailure) -> Outcome?
    ) async throws(DriverFailure) -> Outcome? {
        try await turns.holdingIfFree(directory.instance) {
            () async throws(DriverFailure) -> Outcome? in
            guard handle(of: directory) != nil else { return nil }
            return try await converse(with: directory, use)
        } ?? nil
    }

    /// Windows that a measurement may take longer on a busy host.
    private static let patience = 20

    /// The same where the memory has to be looked up; the fewest where nobody knows it.
    func samples(of directory: VMDirectory) -> Int64 {
        Self.samples(of: mapping(of: directory)?.mapping.size ?? Bytes(.max))
    }

    /// What of the guest's memory would have to be sent; `nil` where nobody knows.
    func inhabited(of directory: VMDirectory) async -> Bytes? {
        guard let (process, mapping) = mapping(of: directory) else { return nil }
        return await Self.inhabited(mapping, of: process)
    }

    /// Pages of each GiB to compare, so that a change of a thousandth of the memory shows and no more than some thousand pages are
    /// read.
    /// - Source: QEMU, migration/dirtyrate.h: from 128 to 16 384.
    private static func samples(of memory: Bytes) -> Int64 {
        let mebibytes = max(1, memory.count >> 20)
        return Int64(min(16_384, max(128, (4_096 << 10) / mebibytes)))
    }

    /// The QEMU of a VM, and where the guest's memory lies in it; `nil` where that cannot be read.
    private func mapping(of directory: VMDirectory) -> (process: Int32, mapping: LargestMapping)? {
        guard let process = handle(of: directory)?.process,
            let mapping = (try? HostFile.text("/proc/\(process)/maps")).flatMap({
                LargestMapping($0)
            })
        else { return nil }
        return (process, mapping)
    }

    /// What of it has to be sent; `nil` where nobody knows.
    ///
    /// QEMU does not send pages of zeros, and a guest has many of them in use: what it has freed and cleared, and the rest
    /// of each large page.
    private static func inhabited(_ mapping: LargestMapping, of process: Int32) async -> Bytes? {
        let pages = mapping.sample(sampledPages, pagesOf: ProcessMemory.page)
        let inhabited = try? await ProcessMemory.inhabited(of: process, at: pages)
        return inhabited.map { mapping.share($0, of: pages.count) }
    }

    /// So many tell a half to three hundredths of it, nineteen times of twenty, and are looked at in some milliseconds.
    private static let sampledPages = 4_096

    /// What the guest wrote to disks, with what tells where it lies.
    private static func disks(of directory: VMDirectory) -> Bytes {
        let names = (try? HostFile.names(in: directory.run)) ?? []
        return names.filter { $0.hasSuffix(".qcow2") }.reduce(.zero) { sum, name in
            sum + Bytes(UInt64(HostFile.status(of: directory.run + "/" + name)?.size ?? 0))
        }
    }
}
