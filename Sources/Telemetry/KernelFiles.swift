import Glibc

/// The files of a running kernel, or of a captured tree of the same shape.
///
/// Every reader gets its files from here, so that the code that runs on hosts is the code that
/// tests run on captured trees. Nothing is kept open: the kernel makes these files anew for every
/// reader, a descriptor of a removed control group would have to be noticed, and open, read and
/// close cost less than 10 µs together.
package struct KernelFiles: Hashable, Sendable {
    /// Put before every path; empty for the running kernel.
    private let prefix: String

    /// Room for the files read every second: memory.stat of a 6.18 kernel has some 2 KB, one line
    /// of /proc/net/dev 120 bytes.
    package static let usualSize = 16 << 10
    /// Room for tables with a line for each mount or interface: 2 000 lines of 128 bytes.
    package static let tableSize = 256 << 10

    /// The tree below `root`, an absolute path.
    package init(root: String = "/") {
        prefix = root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// Where `path` is for the system.
    package func location(of path: String) -> String { prefix.isEmpty ? path : prefix + path }

    /// Whether there is something at `path`, links followed.
    package func exists(_ path: String) -> Bool { access(location(of: path), F_OK) == 0 }

    /// What `body` makes of the file's text; `nil` when it cannot be read.
    ///
    /// A file longer than `limit` is cut there. The buffer is not cleared and comes from the
    /// allocator's free list, which is as cheap as keeping one and leaves the readers plain values.
    package func read<Result>(
        _ path: String, upTo limit: Int = usualSize, _ body: (inout KernelText) -> Result?
    ) -> Result? {
        let descriptor = open(location(of: path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: limit + 1, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var length = 0
            while length < limit {
                let count = Glibc.read(descriptor, start + length, limit - length)
                guard count >= 0 else {
                    if errno == EINTR { continue }
                    return nil
                }
                if count == 0 { break }
                length += count
            }
            start.storeBytes(of: 0, toByteOffset: length, as: UInt8.self)
            var text = KernelText(start.assumingMemoryBound(to: CChar.self))
            return body(&text)
        }
    }

    /// The file's first number; `nil` when it has none, as in `max`.
    package func number(in path: String) -> UInt64? { read(path) { $0.number() } }

    /// The file's first word.
    package func word(in path: String) -> String? { read(path) { $0.word() } }

    /// Where the symbolic link at `path` points.
    package func destination(of path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let length = readlink(location(of: path), start, buffer.count)
            guard length >= 0 else { return nil }
            return String(
                decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
        }
    }

    /// Names of the directories in the directory at `path`, in ascending order; none when it cannot
    /// be read.
    package func directories(in path: String) -> [String] {
        guard let directory = opendir(location(of: path)) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Usable bytes of the file system that holds `path`: all but what it keeps for root.
    package func fileSystemSize(of path: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(location(of: path), &status) == 0 else { return nil }
        let kept = status.f_bfree - min(status.f_bfree, status.f_bavail)
        let usable = UInt64(status.f_blocks - min(status.f_blocks, kept))
        return usable.saturatingProduct(UInt64(status.f_frsize))
    }
}
