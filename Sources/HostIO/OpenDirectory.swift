import Glibc

/// A directory that is held by its descriptor, so that what is asked of it stays below it, whatever its path leads to by then.
struct OpenDirectory: ~Copyable {
    /// Ends with a zero byte, as the kernel wants it.
    typealias Name = [CChar]

    let descriptor: Int32
    /// As it is told, for failures.
    let path: [UInt8]

    /// Opens the directory at a path that nobody else can change.
    init(at path: String) throws(FileFailure) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", path) }
        self.path = []
    }

    /// Opens one below another, which is no link.
    init(_ name: Name, in parent: borrowing OpenDirectory, path: [UInt8]) throws(FileFailure) {
        descriptor = openat(
            parent.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", Self.told(path)) }
        self.path = path
    }

    deinit { close(descriptor) }

    /// Names of what is in it, in descending order, each once: the kernel may tell one twice that is taken anew meanwhile.
    func names() throws(FileFailure) -> [Name] {
        // One of its own: reading moves a position that copies of a descriptor share.
        let other = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard other >= 0, let stream = fdopendir(other) else {
            let code = errno
            if other >= 0 { close(other) }
            throw FileFailure("opendir", Self.told(path), code: code)
        }
        defer { closedir(stream) }
        var names: [Name] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileFailure("readdir", Self.told(path)) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
                }
            }
            if name != [0x2E, 0] && name != [0x2E, 0x2E, 0] { names.append(name) }
        }
        return Set(names).sorted { b, a in
            a.lexicographicallyPrecedes(b) { UInt8(bitPattern: $0) < UInt8(bitPattern: $1) }
        }
    }

    /// What is called so in it, itself where it is a link; `nil` where nothing is.
    func status(of name: Name) throws(FileFailure) -> stat? {
        var status = stat()
        if fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
        if errno == ENOENT { return nil }
        throw FileFailure("stat", Self.told(pathOf(name)))
    }

    func pathOf(_ name: Name) -> [UInt8] {
        let bytes = name.dropLast().map { UInt8(bitPattern: $0) }
        return path.isEmpty ? bytes : path + [UInt8(ascii: "/")] + bytes
    }

    static func told(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }
}

extension stat {
    var kind: TreeEntry.Kind? {
        switch st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        case S_IFLNK: .link
        case S_IFIFO: .fifo
        case S_IFCHR: .character
        case S_IFBLK: .block
        default: nil
        }
    }

    var stamp: TreeEntry.Stamp {
        TreeEntry.Stamp(
            file: TreeEntry.Stamp.File(device: UInt64(st_dev), inode: UInt64(st_ino)),
            changed: Int64(st_ctim.tv_sec) * 1_000_000_000 + Int64(st_ctim.tv_nsec))
    }
}
