import Glibc

/// The memory of another process, looked at from outside.
/// - Source: Linux, Documentation/admin-guide/mm/pagemap.rst; proc(5), `/proc/PID/mem`.
package enum ProcessMemory {
    /// Bytes of a page as this host's processor has them.
    package static let page = UInt64(sysconf(Int32(_SC_PAGESIZE)))

    /// How many of the pages at `addresses` hold anything but zeros.
    ///
    /// A page that was never touched is not touched by this, and one that was swapped out stays there and counts. Where the
    /// content may not be read, each page that is in use counts.
    package static func inhabited(
        of process: Int32, at addresses: [UInt64]
    ) async throws(FileFailure) -> Int {
        let directory = "/proc/\(process)"
        return try await SlowCalls.run(on: directory) { () throws(FileFailure) in
            let states = open(directory + "/pagemap", O_RDONLY | O_CLOEXEC)
            guard states >= 0 else { throw FileFailure("open", directory + "/pagemap") }
            defer { close(states) }
            let content = open(directory + "/mem", O_RDONLY | O_CLOEXEC)
            defer { if content >= 0 { close(content) } }
            return try withUnsafeTemporaryAllocation(
                byteCount: Int(page), alignment: MemoryLayout<UInt64>.alignment
            ) { buffer throws(FileFailure) in
                var count = 0
                for address in addresses {
                    let offset = off_t(address / page) * 8
                    guard pread(states, buffer.baseAddress, 8, offset) == 8 else {
                        throw FileFailure("read", directory + "/pagemap")
                    }
                    let state = PageState(bits: buffer.load(as: UInt64.self))
                    if state.isSwapped || state.isPresent && isInhabited(content, address, buffer) {
                        count += 1
                    }
                }
                return count
            }
        }
    }

    /// Whether the kernel marks the pages that a process changes, so that they can be told from those that it did not.
    ///
    /// A page that was just written has the mark where there are such.
    /// - Source: Linux, Documentation/admin-guide/mm/soft-dirty.rst; built with `CONFIG_MEM_SOFT_DIRTY`.
    package static func marksChanges() throws(FileFailure) -> Bool {
        guard
            let start = mmap(
                nil, Int(page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            start != MAP_FAILED
        else { throw FileFailure("mmap", "a page") }
        defer { munmap(start, Int(page)) }
        start.storeBytes(of: 1, as: UInt8.self)
        let path = "/proc/self/pagemap"
        let states = open(path, O_RDONLY | O_CLOEXEC)
        guard states >= 0 else { throw FileFailure("open", path) }
        defer { close(states) }
        var bits: UInt64 = 0
        let offset = off_t(UInt64(UInt(bitPattern: start)) / page) * 8
        guard pread(states, &bits, 8, offset) == 8 else { throw FileFailure("read", path) }
        return PageState(bits: bits).isMarked
    }

    private struct PageState {
        let bits: UInt64
        var isMarked: Bool { bits >> 55 & 1 == 1 }
        var isPresent: Bool { bits >> 63 & 1 == 1 }
        var isSwapped: Bool { bits >> 62 & 1 == 1 }
    }

    private static func isInhabited(
        _ content: Int32, _ address: UInt64, _ buffer: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard content >= 0,
            pread(content, buffer.baseAddress, buffer.count, off_t(truncatingIfNeeded: address))
                == buffer.count
        else { return true }
        return buffer.bindMemory(to: UInt64.self).contains { $0 != 0 }
    }
}
