import ClusterModel
import Drivers
import HostIO
import Ports
import Testing

/// A guest on a tap that somebody else made for it, as on the cluster's network.
@Suite(
    .serialized,
    .enabled(
        if: TestMachine.qemu && TestMachine.guest != nil && TestMachine.isTunOpen,
        "HUDDLE_TEST_QEMU is not 1, HUDDLE_TEST_GUEST names no guest files, or /dev/net/tun is closed"
    ),
    .timeLimit(.minutes(2)))
final class QEMUNetworkTests {
    private let data = "/tmp/huddle-test-tap-\(UInt32.random(in: 0...UInt32.max))"
    private let tap = Tap(name: "hudtest\(UInt16.random(in: 0...UInt16.max))")
    private let bench: QEMUBench

    init() throws { bench = try QEMUBench(data: data) }

    deinit {
        try? HostFile.remove(data)
        bench.removeParentGroup()
    }

    @Test("a guest learns address, gateway and MTU", arguments: [true, false])
    func learnsItsAddress(fromKernelLine: Bool) async throws {
        let id = InstanceID("tapped-0")
        let address = try #require(IPv4Address("10.99.3.7"))
        let identity = NetworkIdentity(address: address, network: .standard, largestPacket: 1430)
        let image = LocalImage.qcow2(path: (TestMachine.guest ?? "") + "/guest.qcow2")
        let order = try bench.order(
            id, generation: 1, image: fromKernelLine ? nil : image,
            storage: fromKernelLine ? .none : Storage(cloudInit: "#cloud-config\n"),
            network: .tap(name: tap.name, identity))
        let driver = bench.shared
        do {
            let user = try await driver.user(for: id)
            try await tap.make(for: user)
            let started = try await driver.start(order)
            #expect(started.state == .running)
            #expect(try await driver.user(for: id) == user)
            try await driver.awaitLog(of: id, containing: "ready: tapped-0 10.99.3.7/16")
            let shown = try await driver.run(
                "ip route; cat /sys/class/net/eth0/mtu /sys/class/net/eth0/address", in: id)
            #expect(shown.contains("default via 10.99.0.1"), "\(shown)")
            #expect(shown.contains("1430"), "\(shown)")
            #expect(shown.contains("\(address.hardware)"), "\(shown)")
        } catch {
            await driver.removeInSpite(id)
            await tap.removeInSpite()
            throw error
        }
        try await driver.remove(id)
        try await tap.remove()
        #expect(try await bench.leftovers(of: id) == [])
    }
}

/// A tap of this machine.
private struct Tap: Sendable {
    let name: String

    func make(for user: UInt32) async throws {
        try await ip(["tuntap", "add", "dev", name, "mode", "tap", "user", "\(user)"])
    }

    func remove() async throws { try await ip(["link", "delete", name]) }

    /// Also when the test's time is over and its task cancelled.
    func removeInSpite() async { await Task { try? await remove() }.value }

    private func ip(_ arguments: [String]) async throws {
        let outcome = try await Tool.run("/usr/bin/env", ["ip"] + arguments)
        guard outcome.status.isSuccess else {
            throw DriverFailure(.refused, "ip", cause: outcome.complaint)
        }
    }
}
