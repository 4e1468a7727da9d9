import RPC
import Specs

extension Shell {
    /// Reads the context and connects to its coordinator.
    func connect() async throws(CommandFailure) -> ClusterAccess {
        let context = try readContext()
        do {
            return try await surroundings.connect(context, timeout)
        } catch {
            throw CommandFailure(
                "could not reach the coordinator of '\(context.cluster)' "
                    + "at \(context.coordinator.notation)",
                error)
        }
    }

    private func readContext() throws(CommandFailure) -> ContextFile {
        let path = contextPath
        let what = "could not read the context \(path)"
        let bytes: [UInt8]
        do {
            bytes = try surroundings.files.read(path)
        } catch {
            throw CommandFailure(
                what, why: error.reason,
                try:
                    "name one with --context FILE or HUDDLE_CONTEXT; "
                    + "the coordinator writes admin.yaml at its first start"
            )
        }
        if let bits = surroundings.files.permissions(path), bits & 0o077 != 0 {
            notice("note: \(path) holds a key and others can read it: chmod 600 \(path)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(
                what, why: "it is not UTF-8", try: "get it from the coordinator again")
        }
        do {
            return try ContextFile(SpecText(file: path, text: text))
        } catch {
            throw CommandFailure(
                what, why: error.problems.map(\.description),
                remedy: "get it from the coordinator again, or name another with --context")
        }
    }

    /// A word with a slash or a suffix is a file; any other is the name of one in the user's
    /// directory.
    private var contextPath: String {
        let environment = surroundings.environment
        let given =
            options.context ?? environment["HUDDLE_CONTEXT"].flatMap { $0.isEmpty ? nil : $0 }
        let name = given ?? "context"
        guard given == nil || !(name.contains("/") || name.contains(".")) else { return name }
        let home = environment["HOME"] ?? ""
        let directory =
            environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home + "/.config"
        return "\(directory)/huddle/\(name).yaml"
    }

    /// The texts that `-f` names: files, directories of them, or `-`.
    func readSpecs(_ paths: [String]) throws(CommandFailure) -> [SpecText] {
        var texts: [SpecText] = []
        for path in paths {
            guard path != "-", let names = surroundings.files.list(path) else {
                texts.append(try readSpec(path))
                continue
            }
            let suffixes = [".yaml", ".yml", ".json"]
            let specs = names.filter { name in
                suffixes.contains { name.hasSuffix($0) } && !name.hasPrefix(".")
            }
            guard !specs.isEmpty else {
                throw CommandFailure(
                    "nothing was applied", why: "\(path) holds no .yaml, .yml or .json file",
                    try: "name a directory with specs, or a file")
            }
            for name in specs {
                texts.append(try readSpec(path.hasSuffix("/") ? path + name : "\(path)/\(name)"))
            }
        }
        return texts
    }

    /// Reads one file or standard input; `what` is what then does not happen where it cannot be read.
    func readSpec(_ path: String, for what: String = "applied") throws(CommandFailure) -> SpecText {
        let bytes: [UInt8]
        do {
            bytes = try path == "-" ? surroundings.input.readAll() : surroundings.files.read(path)
        } catch {
            throw CommandFailure(
                "nothing was \(what)", why: "\(path): \(error.reason)",
                try: "name a file that can be read")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(
                "nothing was \(what)", why: "\(path) is not UTF-8", try: "save it as UTF-8")
        }
        return SpecText(file: path, text: text)
    }
}
