import Glibc
import HostIO
import Ports

/// A named network namespace, or the one of this process.
struct NetworkNamespace: Sendable {
    let name: String?

    /// Runs `work` with the calling thread in the namespace; see `NamespaceEntry.entered`.
    func entered<Outcome>(
        _ work: () throws(NetworkFailure) -> Outcome
    ) throws(NetworkFailure) -> Outcome {
        guard let name else { return try work() }
        let result: Result<Outcome, NetworkFailure>
        do throws(FileFailure) {
            result = try NamespaceEntry.entered("/run/netns/" + name) { () throws(FileFailure) in
                do throws(NetworkFailure) { return .success(try work()) } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw NetworkFailure(
                "the network namespace \(name) could not be used", cause: "\(error)")
        }
        return try result.get()
    }

    /// The number of a device, `nil` where there is none of this name.
    func index(of device: String) throws(NetworkFailure) -> UInt32? {
        try entered {
            let index = if_nametoindex(device)
            return index == 0 ? nil : index
        }
    }

    /// What a device can do for a bridge that it is a port of.
    enum Readiness: Hashable, Sendable {
        /// It was put down.
        case down
        /// It was put up, and the kernel does not count it as connected, or does not yet: a bridge forwards nothing to it.
        case waiting
        /// A bridge forwards to it.
        case running
    }

    /// How far a device is, `nil` where there is none of this name.
    ///
    /// - Source: the kernel's Documentation/networking/operstates.rst: IFF_RUNNING is IFF_UP and an operational state of
    ///   UP or UNKNOWN.
    func readiness(of device: String) throws(NetworkFailure) -> Readiness? {
        try entered { () throws(NetworkFailure) in
            // Not one for frames: the kernel takes some ten milliseconds to close that.
            let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            guard descriptor >= 0 else { throw Self.failure("a socket for \(device)", errno) }
            defer { close(descriptor) }
            var request = ifreq()
            withUnsafeMutableBytes(of: &request.ifr_ifrn) { name in
                // One byte stays zero, which ends the name.
                name.copyBytes(from: device.utf8.prefix(name.count - 1))
            }
            guard ioctl(descriptor, UInt(SIOCGIFFLAGS), &request) == 0 else {
                guard errno == ENODEV else { throw Self.failure(device, errno) }
                return nil
            }
            let flags = Int(request.ifr_ifru.ifru_flags)
            guard flags & Int(IFF_UP) != 0 else { return .down }
            return flags & Int(IFF_RUNNING) != 0 ? .running : .waiting
        }
    }

    /// Sends whole Ethernet frames out of `device`, as if they had come to it from the bridge.
    ///
    /// - Parameter withOffloads: each begins with the header that a ``Letterbox`` gives; one that the device does not
    ///   take is left out, as a switch would.
    func send(
        _ frames: [[UInt8]], by device: String, withOffloads: Bool = false
    ) throws(NetworkFailure) {
        try entered { () throws(NetworkFailure) in
            let index = if_nametoindex(device)
            guard index != 0 else { throw Self.failure("\(device)", ENODEV) }
            let descriptor = socket(AF_PACKET, PacketSocket.kind, 0)
            guard descriptor >= 0 else { throw Self.failure("a socket for frames", errno) }
            defer { close(descriptor) }
            var offloads: Int32 = withOffloads ? 1 : 0
            guard
                setsockopt(descriptor, PacketSocket.level, PacketSocket.offloads, &offloads, 4) == 0
            else {
                throw Self.failure("a socket for frames", errno)
            }
            let address = PacketSocket.name(device: index)
            for frame in frames {
                let sent = address.withUnsafeBytes { name -> Int in
                    guard let name = name.baseAddress else { return -1 }
                    return sendto(
                        descriptor, frame, frame.count, 0,
                        name.assumingMemoryBound(to: sockaddr.self), 20)
                }
                if withOffloads, sent < 0 { continue }
                guard sent == frame.count else { throw Self.failure("\(device)", errno) }
            }
        }
    }

    /// Sets those files of /proc/sys that have another value.
    func set(_ switches: [(name: String, value: String)]) throws(NetworkFailure) {
        try entered { () throws(NetworkFailure) in
            for (name, value) in switches {
                do throws(FileFailure) {
                    let path = "/proc/sys/" + name
                    guard try HostFile.text(path) != value + "\n" else { continue }
                    try HostFile.write(value, into: path)
                } catch {
                    throw NetworkFailure(
                        "the kernel's \(name) could not be set to \(value)", cause: "\(error)")
                }
            }
        }
    }

    /// Whether the host forwards packets, or can be made to.
    func canForward() throws(NetworkFailure) -> Bool {
        try entered {
            let path = "/proc/sys/net/ipv4/ip_forward"
            return (try? HostFile.text(path)) == "1\n" || access(path, W_OK) == 0
        }
    }

    private static func failure(_ what: String, _ code: Int32) -> NetworkFailure {
        NetworkFailure("\(what) could not be used", cause: String(cString: strerror(code)))
    }
}
