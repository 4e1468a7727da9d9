import ClusterModel
// Where the toolchain finds `struct stat` once any imported package has loaded Foundation.
import CoreFoundation
import FoundationEssentials
import Glibc
import RPC
import Specs
import Synchronization

extension Surroundings {
    /// The process's own streams, files, clock and network.
    package static var process: Surroundings {
        let now: @Sendable () -> Instant = {
            Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        }
        return Surroundings(
            environment: processEnvironment(), terminal: processTerminal(),
            write: { stream, bytes in writeAll(bytes, to: stream == .output ? 1 : 2) },
            files: Files(
                read: { path throws(FileFailure) in
                    let descriptor = try openFile(path)
                    defer { close(descriptor) }
                    return try readToEnd(descriptor, path)
                },
                list: listDirectory, permissions: permissions, open: openPieces, write: writeFile),
            input: Input(
                readAll: { () throws(FileFailure) in try readToEnd(0, "standard input") },
                readLine: { Swift.readLine() }, next: { await nextInput() }, makeRaw: makeRaw),
            now: now, sleep: { duration in try? await Task.sleep(for: duration) },
            connect: { context, timeout async throws(RPCStatus) in
                try await ClusterAccess.connect(context, timeout: timeout, now: now)
            })
    }
}

/// A file given on the command line is read whole; more than this is a mistake.
private let mostBytesInMemory = 64 << 20

private func processEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    for name in ["HOME", "XDG_CONFIG_HOME", "HUDDLE_CONTEXT", "NO_COLOR", "TERM"] {
        if let value = getenv(name) { variables[name] = String(cString: value) }
    }
    return variables
}

private func processTerminal() -> Terminal {
    var size = winsize()
    let isKnown = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return Terminal(
        inputIsTerminal: isatty(0) == 1, outputIsTerminal: isatty(1) == 1,
        errorIsTerminal: isatty(2) == 1, width: isKnown ? Int(size.ws_col) : nil)
}

private func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    var offset = 0
    while offset < bytes.count {
        let written = bytes[offset...].withUnsafeBytes {
            write(descriptor, $0.baseAddress, $0.count)
        }
        // Nobody reads any more, and nobody could be told.
        if written < 0, errno != EINTR, errno != EAGAIN { return }
        offset += max(0, written)
    }
}

private func failure(_ path: String) -> FileFailure {
    FileFailure(path: path, reason: String(cString: strerror(errno)))
}

private func openFile(_ path: String) throws(FileFailure) -> Int32 {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    return descriptor
}

private func writeFile(
    _ path: String, _ bytes: [UInt8], _ writing: Surroundings.Files.Writing
) throws(FileFailure) {
    let end = writing == .behind ? O_APPEND : O_TRUNC
    let mode: mode_t = writing == .secret ? 0o600 : 0o644
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | end, mode)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    // A file that was there keeps its bits otherwise.
    if writing == .secret, fchmod(descriptor, mode) != 0 { throw failure(path) }
    var offset = 0
    while offset < bytes.count {
        let written = bytes[offset...].withUnsafeBytes {
            write(descriptor, $0.baseAddress, $0.count)
        }
        if written < 0, errno != EINTR { throw failure(path) }
        offset += max(0, written)
    }
}

private func readSome(_ descriptor: Int32, _ most: Int, _ path: String) throws(FileFailure)
    -> [UInt8]
{
    var count = -1
    let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, filled in
        repeat {
            count = read(descriptor, buffer.baseAddress, most)
        } while count < 0 && errno == EINTR
        filled = max(0, count)
    }
    guard count >= 0 else { throw failure(path) }
    return bytes
}

private func readToEnd(_ descriptor: Int32, _ path: String) throws(FileFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
        let piece = try readSome(descriptor, 64 << 10, path)
        if piece.isEmpty { return bytes }
        bytes += piece
        guard bytes.count <= mostBytesInMemory else {
            throw FileFailure(
                path: path, reason: "it is larger than \(mostBytesInMemory >> 20) MiB")
        }
    }
}

private func listDirectory(_ path: String) -> [String]? {
    guard let directory = opendir(path) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        names.append(
            withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            })
    }
    return names.sorted()
}

private func permissions(_ path: String) -> UInt16? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt16(truncatingIfNeeded: status.st_mode & 0o777) : nil
}

/// Closes its descriptor when the last user lets go.
private final class Descriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
}

private func openPieces(_ path: String) throws(FileFailure) -> Surroundings.OpenFile {
    let descriptor = Descriptor(try openFile(path))
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else { throw failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
        throw FileFailure(path: path, reason: "it is not a regular file")
    }
    return Surroundings.OpenFile(size: Bytes(UInt64(max(0, status.st_size)))) {
        most throws(FileFailure) in try readSome(descriptor.number, most, path)
    }
}

/// How long a reader rests when nothing was typed: no thread waits, and no person notices.
private let inputPause = Duration.milliseconds(10)
private let inputPieceBytes = 32 << 10

/// The next bytes of standard input, read only when somebody takes them, so that nothing piles up.
private func nextInput() async -> [UInt8]? {
    while !Task.isCancelled {
        var events = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&events, 1, 0) > 0 else {
            try? await Task.sleep(for: inputPause)
            continue
        }
        guard let bytes = try? readSome(0, inputPieceBytes, "standard input"), !bytes.isEmpty else {
            return nil
        }
        return bytes
    }
    return nil
}

private func makeRaw() -> @Sendable () -> Void {
    var before = termios()
    guard tcgetattr(0, &before) == 0 else { return {} }
    var raw = before
    cfmakeraw(&raw)
    tcsetattr(0, TCSANOW, &raw)
    let saved = before
    return {
        var attributes = saved
        tcsetattr(0, TCSADRAIN, &attributes)
    }
}
