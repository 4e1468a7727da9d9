import ClusterModel
import FoundationEssentials
import Glibc
import HostIO

/// A directory that a made-up program works in: whatever files allow is done to it, as a seed says.
struct Grove: Sendable {
    let root: String
    private var random: SplitMix64

    init(at root: String, seed: UInt64) {
        self.root = root
        random = SplitMix64(seed: seed)
    }

    /// Few, so that they are taken, given up and taken again; some are a trial for whoever writes them down.
    private static let names = ["a", "b", "c", "d", "e f", "g\nh", "-i", "..j", "ü", "*"]

    /// Does so many things to it, one after the other.
    mutating func grow(_ steps: Int) throws {
        for _ in 0..<steps { try step() }
    }

    /// Has directories and files change places, and for a moment a directory and a link to somewhere else.
    mutating func shuffle() throws {
        guard let path = pick(nil), let other = pick(nil), path != other,
            !path.hasPrefix(other + "/"), !other.hasPrefix(path + "/")
        else { return }
        let between = root + "-aside"
        try move(path, to: between)
        if Bool.random(using: &random) {
            try check(symlink("/etc", path), "symlink")
            try check(unlink(path), "unlink")
        }
        try move(other, to: path)
        try move(between, to: other)
    }

    private mutating func step() throws {
        switch Int.random(in: 0..<13, using: &random) {
        case 0, 1: try write("new \(random.next())", to: try free())
        case 2: try directory(try free())
        case 3: if let file = pick(.regular) { try append("more \(random.next())", to: file) }
        // As editors do.
        case 4:
            if let file = pick(.regular) {
                let other = try free()
                try write("edited \(random.next())", to: other)
                try check(rename(other, file), "rename")
            }
        case 5: if let path = pick(nil) { try remove(path) }
        case 6, 7: if let path = pick(nil) { try move(path, to: try free(outside: path)) }
        case 8:
            if let directory = pick(.directory) {
                try move(directory, to: try free(outside: directory))
                // Another one has its name at once, and may have its number.
                if Bool.random(using: &random) { try self.directory(directory) }
            }
        case 9: if let file = pick(.regular) { try check(link(file, try free()), "link") }
        case 10:
            try check(
                symlink("../" + (Self.names.randomElement(using: &random) ?? ""), try free()),
                "symlink")
        case 11:
            if let path = pick(nil) {
                // A directory becomes a file and the other way round.
                let wasDirectory = Entry(path)?.kind == .directory
                try remove(path)
                if wasDirectory {
                    try write("was a directory", to: path)
                } else {
                    try directory(path)
                }
            }
        default:
            if let file = pick(.regular) {
                // As `cp -p` and tar do: its own time says nothing.
                var times = (
                    timespec(tv_sec: 1_000, tv_nsec: 0), timespec(tv_sec: 1_000, tv_nsec: 0)
                )
                try append("older", to: file)
                try check(
                    withUnsafePointer(to: &times) {
                        $0.withMemoryRebound(to: timespec.self, capacity: 2) {
                            utimensat(AT_FDCWD, file, $0, 0)
                        }
                    }, "utimensat")
                try check(chmod(file, 0o600), "chmod")
            }
        }
    }

    // MARK: - What is there

    /// All that is in it, by its path: what it is, what it holds, and which other names it has.
    static func contents(of root: String) throws -> [String: String] {
        var found: [String: String] = [:]
        var names: [UInt64: String] = [:]
        for path in try paths(below: root) {
            guard let entry = Entry(root + "/" + path) else { continue }
            switch entry.kind {
            case .directory: found[path] = "directory \(String(entry.mode, radix: 8))"
            case .link:
                found[path] =
                    "link to \(try FileManager.default.destinationOfSymbolicLink(atPath: root + "/" + path))"
            case .regular:
                let first = names[entry.number] ?? path
                names[entry.number] = first
                let text = String(decoding: try read(root + "/" + path), as: UTF8.self)
                found[path] =
                    "file \(String(entry.mode, radix: 8)) of \(entry.time), one with \(first): \(text)"
            }
        }
        return found
    }

    /// Extended attributes of all that is in it, access lists among them, by its path.
    static func attributes(
        below root: String
    ) async throws -> [String: Set<TreeEntry.Attribute>] {
        let reader = TreeReader(root)
        var found: [String: Set<TreeEntry.Attribute>] = [:]
        while let entry = try await reader.next() {
            found[String(decoding: entry.path, as: UTF8.self)] = Set(entry.attributes)
        }
        return found
    }

    private struct Entry {
        enum Kind { case directory, regular, link }
        let kind: Kind
        let mode: UInt32
        let number: UInt64
        let time: Int

        init?(_ path: String) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: kind = .directory
            case S_IFLNK: kind = .link
            default: kind = .regular
            }
            mode = status.st_mode & 0o7777
            number = UInt64(status.st_ino)
            time = status.st_mtim.tv_sec
        }
    }

    private static func paths(below root: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
    }

    private mutating func pick(_ kind: Entry.Kind?) -> String? {
        let all = ((try? Self.paths(below: root)) ?? []).map { root + "/" + $0 }
        return all.filter { kind == nil || Entry($0)?.kind == kind }.randomElement(using: &random)
    }

    /// A path that nothing has, in some directory that is not below `other`.
    private mutating func free(outside other: String? = nil) throws -> String {
        let all = try Self.paths(below: root).map { root + "/" + $0 }
        let places = ([root] + all.filter { Entry($0)?.kind == .directory }).filter { place in
            other.map { place != $0 && !place.hasPrefix($0 + "/") } ?? true
        }
        let place = places.randomElement(using: &random) ?? root
        let name = Self.names.randomElement(using: &random) ?? "a"
        guard Entry(place + "/" + name) != nil else { return place + "/" + name }
        return place + "/" + name + "\(random.next())"
    }

    // MARK: - Doing it

    private func write(_ text: String, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) else {
            throw Failure(what: "write \(path)", code: errno)
        }
    }

    private func append(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_APPEND)
        try check(descriptor < 0 ? -1 : 0, "open")
        defer { close(descriptor) }
        try check(Glibc.write(descriptor, text, text.utf8.count) < 0 ? -1 : 0, "write")
    }

    private static func read(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: path)))
    }

    private func directory(_ path: String) throws { try check(mkdir(path, 0o755), "mkdir") }

    private func move(_ path: String, to other: String) throws {
        guard rename(path, other) != 0 else { return }
        // A directory of an overlay's lower ones; `mv` does this then.
        guard errno == EXDEV else { throw Failure(what: "rename", code: errno) }
        try FileManager.default.copyItem(atPath: path, toPath: other)
        try FileManager.default.removeItem(atPath: path)
    }

    private func remove(_ path: String) throws {
        try FileManager.default.removeItem(atPath: path)
    }

    private func check(_ result: Int32, _ what: String) throws {
        guard result == 0 else { throw Failure(what: what, code: errno) }
    }

    private struct Failure: Error {
        let what: String
        let code: Int32
    }
}
