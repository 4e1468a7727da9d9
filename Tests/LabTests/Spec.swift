import Foundation

/// A workload file, as far as a test cares.
struct Spec: Sendable {
    var name: String
    var kind = "container"
    var image = "busybox"
    var count = 1
    /// Millicores.
    var cpu = 100
    var memory = "32MiB"
    var command: [String]? = Spec.obedient
    /// Further lines of YAML.
    var more: [String] = ["move: {allow: [restart]}"]

    /// Says that it lives, and ends at once when asked to: a shell without the trap would wait for the kill.
    static let obedient = ["/bin/sh", "-c", "echo alive; trap 'exit 0' TERM; sleep 100000 & wait"]
    /// Takes three seconds to end, so that there is a middle of a move to hit.
    static let reluctant = [
        "/bin/sh", "-c", "echo alive; trap 'sleep 3; exit 0' TERM; sleep 100000 & wait",
    ]

    /// A VM that idles.
    static func machine(_ name: String, cpu: Int = 200) -> Spec {
        Spec(name: name, kind: "vm", image: "idle", cpu: cpu, memory: "128MiB", command: nil)
    }

    var text: String {
        var lines = [
            "kind: \(kind)", "name: \(name)", "image: \(image)", "count: \(count)",
            "size: {cpu: \(cpu)m, memory: \(memory)}",
        ]
        if let command {
            let words = command.map { "'" + $0.replacing("'", with: "''") + "'" }
            lines.append("command: [\(words.joined(separator: ", "))]")
        }
        return (lines + more).joined(separator: "\n") + "\n"
    }
}
