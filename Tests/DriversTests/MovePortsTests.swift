import ClusterModel
import Glibc
import HostIO
import Testing

@testable import Drivers

/// Where a QEMU may be told to wait.
@Suite struct MovePortsTests {
    private let loopback = IPv4Address(bits: 0x7f00_0001)

    /// A socket at a port that is free, and that the kernel gives to nobody else meanwhile.
    /// - Source: `net.ipv4.ip_local_port_range`, from 32,768 unless it was changed.
    private func occupy(listening: Bool) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = loopback.bits.bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000...30_000)
            name.sin_port = port.bigEndian
            let bound = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0
                }
            }
            guard bound else { continue }
            if listening { try #require(listen(descriptor, 1) == 0) }
            return (descriptor, port)
        }
        close(descriptor)
        throw FileFailure("bind", "127.0.0.1", code: EADDRINUSE)
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
        let range = port - 2...port + 2
        let ports = MovePorts(range)
        let first = (0..<4).compactMap { _ in ports.take(at: loopback) }
        #expect(!first.contains(port))
        #expect(first.allSatisfy(range.contains))
        #expect(Set(first).count > 1)
    }
}
