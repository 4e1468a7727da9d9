import Foundation
import Testing

extension LabTests {
    @Test(
        "an image by its reference is pulled from a registry, and a reference to nothing is a reason",
        .timeLimit(.minutes(4)))
    func registryImage() async throws {
        let registry = try await registryAddress()
        let pushed = "\(registry)/huddle/pushed:1"
        try await push(pushed)
        // Another host than the one it was pushed from, so that Podman has to ask the registry.
        try await Lab.inside("lab-2", "podman rmi --force \(pushed) > /dev/null 2>&1 || true")
        try await cluster.apply(Spec(name: "box", image: pushed), on: "lab-2")
        try await cluster.running("box-0")
        let used = try await Lab.inside(
            "lab-2", "podman inspect --format '{{.ImageName}}' huddle-box-0")
        #expect(used.contains(pushed), "\(used)")

        let missing = "\(registry)/huddle/never-pushed:1"
        try await cluster.apply(Spec(name: "lost", image: missing), on: "lab-2", wait: false)
        let lost = try await cluster.eventually("lost-0 failed") {
            let lost = try await cluster.instance("lost-0")
            return lost.state == "failed" ? lost : nil
        }
        let reason = lost.reason ?? ""
        #expect(reason.contains("never-pushed"), "\(lost)")
        #expect(reason.contains("unknown") || reason.contains("not found"), "\(lost)")

        // The agent goes on: with what ran, and with what is new.
        try await cluster.running("box-0")
        try await cluster.apply(Spec(name: "next", image: pushed), on: "lab-2")
        try await cluster.running("next-0")
        #expect(try await cluster.host("lab-2").state == "ready")
    }

    private func registryAddress() async throws -> String {
        let address = try await Lab.script("address", "coordinator")
        return address.trimmingCharacters(in: .whitespacesAndNewlines) + ":5000"
    }

    /// The test image under another name, from lab-1; nothing of it stays there.
    private func push(_ reference: String) async throws {
        let archive = Lab.guest.appending(path: "busybox.tar").path()
        let script = Lab.root.appending(path: "scripts/lab").path()
        let text = """
            set -euo pipefail
            "$1" shell lab-1 bash -c 'cat > /tmp/pushed.tar' < "$2"
            "$1" shell lab-1 bash -euc '
                podman load --quiet --input /tmp/pushed.tar > /dev/null
                podman push --quiet localhost/huddle/busybox:1 "docker://$0"
                rm /tmp/pushed.tar
            ' "$3" < /dev/null
            """
        try await Lab.tool("bash", "-c", text, "push", script, archive, reference)
    }
}
