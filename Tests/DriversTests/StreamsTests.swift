import ClusterModel
import Testing

@testable import Drivers

/// Which QEMU is trusted with several streams, by what it says of itself.
@Suite struct StreamsTests {
    private func capability(
        _ detail: String, running: [InstanceID: [Int]?] = [:]
    ) -> Capability {
        Streams.capability(
            of: Capability(.qemu, available: true, detail: detail), running: running)
    }

    @Test(arguments: [
        ("QEMU emulator version 9.1.0, machine pc-q35-7.2", "QEMU 9.1"),
        ("QEMU emulator version 10.0.13 (Debian 1:10.0.13), machine pc-q35-7.2", "QEMU 10.0"),
    ]) func oneThatEndsThemWellIs(words: String, detail: String) {
        #expect(capability(words) == Capability(.multifd, available: true, detail: detail))
    }

    @Test(arguments: ["7.2.22 (Debian 1:7.2)", "9.0.4", "8.10.1"])
    func anOlderOneIsNot(version: String) {
        let found = capability("QEMU emulator version \(version), machine pc-q35-7.2")
        #expect(!found.available)
        #expect(found.detail.hasSuffix("9.1 does not"), "\(found.detail)")
    }

    /// A package that was upgraded leaves the QEMU that run as they are.
    @Test func whatRunsCountsToo() {
        let words = "QEMU emulator version 10.0.13"
        #expect(capability(words, running: [InstanceID("a-0"): [10, 0]]).available)
        let old = capability(
            words, running: [InstanceID("a-0"): [10, 0], InstanceID("b-0"): [7, 2]])
        #expect(old.detail == "b-0 runs in QEMU 7.2" && !old.available)
        let unknown = capability(words, running: [InstanceID("c-0"): nil])
        #expect(unknown.detail == "c-0 runs in an older QEMU" && !unknown.available)
    }

    @Test func oneThatDoesNotSayIsNot() {
        #expect(!capability("QEMU, of today").available)
    }
}
