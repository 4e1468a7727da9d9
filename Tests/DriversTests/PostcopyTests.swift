import ClusterModel
import Testing

@testable import Drivers

/// Which host is trusted with guests that run before all of their memory is there.
@Suite struct PostcopyTests {
    @Test func itNeedsTheDeviceAndATrustedQEMU() {
        func capability(
            _ release: String, isOpen: Bool = true, running: [InstanceID: [Int]?] = [:]
        ) -> Capability {
            Postcopy.capability(
                of: Capability(
                    .qemu, available: true, detail: "QEMU emulator version \(release)"),
                running: running, isOpen: isOpen)
        }
        let yes = capability("10.0.13")
        #expect(yes == Capability(.postcopy, available: true, detail: "QEMU 10.0"))
        let closed = capability("10.0.13", isOpen: false)
        #expect(!closed.available && closed.detail.contains("/dev/userfaultfd"))
        #expect(!capability("9.2.4").available)
        let old = capability("10.0.13", running: [InstanceID("a-0"): [9, 2]])
        #expect(old.detail == "a-0 runs in QEMU 9.2" && !old.available)
    }
}
