package import ClusterModel
import Glibc

extension PortProbe {
    /// Whether a server could listen at this port of this host now, as one that shares no port does; also where something
    /// else than the port would be in its way.
    ///
    /// A connection to elsewhere that the kernel gave this port counts as well: the range from which it gives them has
    /// 49,152 to 60,999 in common with what is free for everybody.
    package static func canListen(at address: IPv4Address, port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var (on, name) = (Int32(1), sockaddr_in())
        // What a server sets too, so that connections that have ended are not in its way.
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = address.bits.bigEndian
        let bound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return (bound == 0 && listen(descriptor, 1) == 0) || errno != EADDRINUSE
    }
}
