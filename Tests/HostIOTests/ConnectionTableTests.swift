import Glibc
import Testing

@testable import HostIO

/// The kernel's table, recorded: a listener, a connection and one that its other end has closed.
@Suite struct ConnectionTableTests {
    private static let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:C000 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1
           1: 0100007F:C001 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 12 1
           2: 0100007F:C002 0100007F:9C41 08 00000000:00000000 00:00000000 00000000     0        0 13 1
        """

    @Test(arguments: [(49_152, []), (49_153, ["12"]), (49_154, []), (49_155, [])])
    func whatIsEstablished(port: Int, inodes: [String]) {
        let found = ConnectionTable.established(at: UInt16(port), in: Self.table)
        #expect(found.map(String.init) == inodes)
    }

    @Test func thisProcessHasATable() {
        #expect(ConnectionTable.isEstablished(at: 1, of: Int32(getpid())) == false)
        #expect(ConnectionTable.isEstablished(at: 1, of: -1) == nil)
    }

    @Test func aConnectionIsOfTheProcessThatHasItOpen() async throws {
        let (listener, port) = try Self.listen()
        defer { close(listener) }
        let own = Int32(getpid())
        #expect(ConnectionTable.isEstablished(at: port, of: own) == false)
        let client = try Self.connect(to: port)
        let accepted = accept(listener, nil, nil)
        try #require(accepted >= 0)
        #expect(ConnectionTable.isEstablished(at: port, of: own) == true)
        // Init has the same table and not the socket.
        if getuid() == 0 { #expect(ConnectionTable.isEstablished(at: port, of: 1) == false) }
        close(client)
        close(accepted)
        #expect(ConnectionTable.isEstablished(at: port, of: own) == false)
    }

    private static func listen() throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener >= 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && Glibc.listen(listener, 1) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        try #require(isBound)
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private static func connect(to port: UInt16) throws -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Glibc.connect(client, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isConnected)
        return client
    }
}
