import ClusterModel
import Glibc
import HostIO
import Testing

@testable import Drivers

/// Where a QEMU may be told to wait.
@Suite struct MovePortsTests {
    private let loopback = IPv4Address(bits: 0x7f00_0001)

    /// A socket at a port of the kernel's choice.
    private func occupy(listening: Bool) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = loopback.bits.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #expect(bind(descriptor, $0, size) == 0)
                if listening { #expect(listen(descriptor, 1) == 0) }
                #expect(getsockname(descriptor, $0, &size) == 0)
            }
        }
        return (descriptor, UInt16(bigEndian: name.sin_port))
    }

    @Test("a port that somebody has is never told", arguments: [true, false])
    func taken(listening: Bool) throws {
        let (descriptor, port) = try occupy(listening: listening)
        #expect(!PortProbe.canListen(at: loopback, port: port))
        #expect(MovePorts(port...port).take(at: loopback) == nil)
        close(descriptor)
        #expect(PortProbe.canListen(at: loopback, port: port))
        #expect(MovePorts(port...port).take(at: loopback) == port)
    }

    @Test func moveAfterMoveGetsAnotherOne() throws {
        let (descriptor, port) = try occupy(listening: true)
        defer { close(descriptor) }
        let range = max(port, 1_026) - 2...min(port, 65_533) + 2
        let ports = MovePorts(range)
        let first = (0..<4).compactMap { _ in ports.take(at: loopback) }
        #expect(!first.contains(port))
        #expect(first.allSatisfy(range.contains))
        #expect(Set(first).count > 1)
    }
}
