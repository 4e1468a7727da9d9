import ClusterModel
import HostIO

/// A transfer stream with something in it that only looks like a checkpoint.
enum Forgery: String, CaseIterable, Sendable {
    /// Everything in its place, but nothing of a process in it.
    case hollow
    case ofAnother = "another"
    case withoutEnd = "endless"
    case withoutDescription = "nameless"
    /// Twice as large as it says.
    case tooLarge = "large"
    /// With an image that would be written elsewhere.
    case astray
    /// With more images than it says.
    case crowded

    /// The stream in pieces of odd length, so that nothing ends where a piece does.
    func stream(of instance: InstanceID, namespace: String) async throws -> [[UInt8]] {
        var archive = try await archive(of: instance, namespace: namespace)
        if self == .withoutEnd { archive.removeLast(archive.count - 1024) }
        let said = self == .tooLarge ? 1 << 20 : archive.count
        var whole = Self.frame(0, "huddle-transfer 1")
        if let (name, count) = image {
            whole += Self.frame(1, "images:100") + Self.frame(1, "image:\(name)")
            whole += Self.frame(2, [UInt8](repeating: 1, count: count)[...])
            whole += Self.frame(3, "") + Self.frame(3, "")
        }
        whole += Self.frame(1, "checkpoint:\(said)")
        for start in stride(from: 0, to: archive.count, by: 1000) {
            whole += Self.frame(2, archive[start..<min(start + 1000, archive.count)])
        }
        whole += Self.frame(3, "") + Self.frame(4, "")
        return stride(from: 0, to: whole.count, by: 777).map {
            Array(whole[$0..<min($0 + 777, whole.count)])
        }
    }

    /// Name and size of what is not to be taken in.
    private var image: (String, Int)? {
        switch self {
        case .astray: ("../astray.img", 100)
        case .crowded: ("pages-1.img", 101)
        case .hollow, .ofAnother, .withoutEnd, .withoutDescription, .tooLarge: nil
        }
    }

    private func archive(of instance: InstanceID, namespace: String) async throws -> [UInt8] {
        let directory = "/tmp/huddletest-\(instance)"
        try HostFile.makeDirectory(directory + "/checkpoint")
        let name = self == .ofAnother ? "another-0" : "\(instance)"
        let description = """
            {
              "name": "\(namespace)-\(instance)",
              "labels": {
                "io.huddle.generation": "7",
                "io.huddle.instance": "\(name)",
                "io.huddle.owner": "\(namespace)"
              },
              "command": ["echo", "\\"io.huddle.generation\\": \\"9\\""]
            }
            """
        let long = "checkpoint/" + String(repeating: "long", count: 40)
        let files = [
            (self == .withoutDescription ? "other.dump" : "config.dump", Array(description.utf8)),
            ("spec.dump", Array("{}".utf8)),
            (long, [UInt8](repeating: 1, count: self == .tooLarge ? 2 << 20 : 700)),
        ]
        for (file, content) in files { try HostFile.replace("\(directory)/\(file)", with: content) }
        let packed = try await Tool.run(
            "/usr/bin/env",
            ["tar", "--format=pax", "-C", directory, "-cf", "-", "checkpoint"]
                + files.prefix(2).map(\.0), outputLimit: 4 << 20)
        try HostFile.remove(directory)
        return packed.output
    }

    private static func frame(_ kind: UInt8, _ text: String) -> [UInt8] {
        frame(kind, Array(text.utf8)[...])
    }

    private static func frame(_ kind: UInt8, _ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let length = UInt32(bytes.count)
        return [kind] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) }
            + bytes
    }
}
