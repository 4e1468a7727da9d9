import HostIO
import Ports

/// What is in a layer when its container has stopped, and what is gone of the image below it.
struct LayerSurvey: Sendable {
    private(set) var tree = TreeSurvey()
    /// What is gone of the image, and lies in a directory that is there.
    private var gone = TreeNames()

    init(
        of layer: ContainerLayer, since pass: TreePass
    ) async throws(DriverFailure) {
        let reader = TreeReader(layer.upper, isStill: true) { _, _ in false }
        var opaque: Set<[UInt8]> = []
        while let entry = try await DriverFailure.reading(
            layer.upper, { () async throws(FileFailure) in try await reader.next() })
        {
            if ContainerLayer.isOpaque(entry) { opaque.insert(entry.path) }
            if let seen = ContainerLayer.seen(entry) {
                tree.note(seen, since: pass)
                try Self.require(tree.names)
            } else {
                try note(gone: entry.path)
            }
        }
        if !opaque.isEmpty { try await hide(opaque, of: layer) }
    }

    private mutating func note(gone path: [UInt8]) throws(DriverFailure) {
        gone.note(path, .file)
        try Self.require(gone)
    }

    private static func require(_ names: TreeNames) throws(DriverFailure) {
        guard !names.areTooMany else {
            throw DriverFailure(
                .refused, "the container changed more files than can be told",
                cause: "a volume may have any number of them")
        }
    }

    /// Adds what the image has in directories through which nothing of it shows any more.
    private mutating func hide(
        _ opaque: Set<[UInt8]>, of layer: ContainerLayer
    ) async throws(DriverFailure) {
        let kinds = tree.names.kinds
        let onTheWay = Set(opaque.flatMap { Self.ways(to: $0) })
        // Directories that the image has too, with which of its layers do; whether what they have there is hidden.
        var below: [[UInt8]: (roots: [String], isHidden: Bool)] = [:]
        let directories = kinds.filter { $0.value == .directory }.keys
            .sorted { $0.lexicographicallyPrecedes($1) }
        for path in directories {
            let above = path.isEmpty ? (layer.lower, false) : below[Self.parent(of: path)]
            guard let (roots, isAboveHidden) = above,
                isAboveHidden || onTheWay.contains(path)
            else { continue }
            let isHidden = isAboveHidden || opaque.contains(path)
            var having: [String] = []
            for root in roots {
                let names = try await DriverFailure.reading(root) {
                    () async throws(FileFailure) in
                    try await HostFile.names(below: root, at: path)
                }
                guard let names else { continue }
                having.append(root)
                guard isHidden else { continue }
                for name in names {
                    let full = path.isEmpty ? name : path + Self.slash + name
                    if kinds[full] == nil { try note(gone: full) }
                }
            }
            if !having.isEmpty { below[path] = (having, isHidden) }
        }
    }

    private static let slash = [UInt8(ascii: "/")]

    private static func parent(of path: [UInt8]) -> [UInt8] {
        path.lastIndex(of: slash[0]).map { Array(path[..<$0]) } ?? []
    }

    /// All directories on the way to a path, from the root down, and the path itself.
    private static func ways(to path: [UInt8]) -> [[UInt8]] {
        guard !path.isEmpty else { return [[]] }
        let ends = path.indices.filter { path[$0] == slash[0] } + [path.count]
        return [[]] + ends.map { Array(path[..<$0]) }
    }

    /// What Podman is to remove once all of the layer is unpacked above the image, as it reads it.
    ///
    /// Names that are no text cannot be told to it.
    var deletions: [String] { Self.told(gone.kinds.keys) }

    private static func told(_ paths: some Sequence<[UInt8]>) -> [String] {
        paths.compactMap { String(validating: $0, as: UTF8.self) }.map { "/" + $0 }.sorted()
    }

    /// The same where what went in a pass was unpacked before; `nil` where that would not do, and all is to go once more.
    ///
    /// Removed is only what lies in directories, which are there by then: by anything else's name Podman might be led out of the
    /// container. Where such a thing took a directory's place, what was in that went with it.
    func deletions(after pass: TreePass) -> [String]? {
        let kinds = tree.names.kinds
        // Podman sets the times of all directories at last, and follows links then.
        guard pass.directories.allSatisfy({ kinds[$0] ?? .directory == .directory }) else {
            return nil
        }
        var all = Set(gone.kinds.keys)
        for path in pass.paths where kinds[path] == nil {
            guard String(validating: path, as: UTF8.self) != nil else { return nil }
            if let first = firstMissing(on: path) { all.insert(first) }
        }
        return Self.told(all)
    }

    /// The uppermost directory on the way to a path that is not there, or the path itself; `nil` where something else is in the
    /// way.
    private func firstMissing(on path: [UInt8]) -> [UInt8]? {
        let kinds = tree.names.kinds
        for part in Self.ways(to: path) {
            guard let kind = kinds[part] else { return part }
            guard kind == .directory else { return nil }
        }
        return nil
    }
}
