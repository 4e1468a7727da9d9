import ClusterModel
import Drivers
import HostIO
import Ports
import Testing

@Suite(
    .enabled(
        if: TestMachine.podmanSocket != nil && TestMachine.guest != nil,
        "HUDDLE_TEST_PODMAN_SOCKET or HUDDLE_TEST_GUEST names nothing")
)
struct PodmanTests {
    private let bench = PodmanBench(socket: TestMachine.podmanSocket ?? "")

    @Test("the driver conforms", .timeLimit(.minutes(2)), arguments: Conformance.allCases)
    func conforms(_ requirement: Conformance) async throws { try await requirement.check(bench) }

    @Test func probeNamesTheVersion() async throws {
        let found = await bench.makeDriverOrNil()?.probe() ?? []
        #expect(found.map(\.name) == [.podman, .checkpoint, .memoryTracking])
        #expect(found.first?.available == true)
    }
}

extension PodmanBench {
    func makeDriverOrNil() -> PodmanDriver? { try? makeDriver() }
}
