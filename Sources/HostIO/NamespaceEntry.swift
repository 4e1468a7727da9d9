import Glibc

/// Work that a thread does in another network namespace.
package enum NamespaceEntry {
    private typealias Enter = @convention(c) (Int32, Int32) -> Int32

    /// CLONE_NEWNET: where systemd restricts namespaces, entering one without naming its kind is refused.
    /// - Source: setns(2); systemd.exec(5), RestrictNamespaces.
    private static let network: Int32 = 0x4000_0000

    /// Runs `work` with the calling thread in the network namespace at `path`: sockets and files of /proc/sys that it
    /// opens are of there, and sockets stay so. Not for children: they are started on other threads.
    ///
    /// `work` cannot suspend, so it stays on the thread.
    package static func entered<Outcome>(
        _ path: String, _ work: () throws(FileFailure) -> Outcome
    ) throws(FileFailure) -> Outcome {
        // Glibc's module leaves setns(2) out.
        guard let symbol = dlsym(nil, "setns") else {
            throw FileFailure("enter", path, code: ENOSYS)
        }
        let enter = unsafeBitCast(symbol, to: Enter.self)
        let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        guard home >= 0 else { throw FileFailure("open", "/proc/thread-self/ns/net", code: errno) }
        defer { close(home) }
        let place = open(path, O_RDONLY | O_CLOEXEC)
        guard place >= 0 else { throw FileFailure("open", path, code: errno) }
        defer { close(place) }
        guard enter(place, network) == 0 else { throw FileFailure("enter", path, code: errno) }
        defer {
            // A thread left elsewhere would do the work of others there.
            let code = enter(home, network)
            precondition(code == 0, "no way back from the network namespace \(path): \(errno)")
        }
        return try work()
    }

    /// A connection made from inside the namespace at `path`, as a descriptor that does not block.
    ///
    /// On a thread that may wait: a listener whose queue is full answers late.
    static func connection(
        from path: String, to host: String, port: UInt16, within patience: Duration
    ) async throws(FileFailure) -> Int32 {
        try await SlowCalls.run(on: path) { () throws(FileFailure) in
            let descriptor = try entered(path) { () throws(FileFailure) in
                let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
                let descriptor = socket(AF_INET, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
                guard descriptor >= 0 else { throw FileFailure("open", path, code: errno) }
                return descriptor
            }
            // The socket is of the namespace from now on, whichever the thread is in.
            let code = connect(descriptor, to: host, port: port, within: patience)
            guard code == 0 else {
                close(descriptor)
                throw FileFailure("connect", "\(host):\(port)", code: code)
            }
            return descriptor
        }
    }

    /// Zero, or the error's number.
    private static func connect(
        _ descriptor: Int32, to host: String, port: UInt16, within patience: Duration
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return EINVAL }
        let begun = withUnsafePointer(to: &address) { name in
            name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if begun == 0 { return 0 }
        guard errno == EINPROGRESS else { return errno }
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let limit = Int32(clamping: patience.components.seconds * 1_000)
        guard poll(&wait, 1, limit) == 1 else { return ETIMEDOUT }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return errno }
        return code
    }
}
