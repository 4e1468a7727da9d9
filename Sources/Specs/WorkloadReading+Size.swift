import ClusterModel

extension WorkloadReading {
    private static let dimensions = ["cpu", "memory", "disk", "network"]

    /// What is reserved; a further key is a scalar that hosts offer under that name.
    mutating func size(_ root: inout FieldMap) -> Resources {
        guard let field = root.take("size") else {
            reader.missing("size", of: root, "write size: {cpu: 500m, memory: 256MiB}")
            return .zero
        }
        guard var map = reader.mapping(field) else { return .zero }
        let cpu = map.take("cpu")
        let memory = map.take("memory")
        let disk = map.take("disk")
        let network = map.take("network")
        let further = map.takeRest()
        if cpu == nil { missing("cpu", further, of: map) }
        if memory == nil { missing("memory", further, of: map) }
        return Resources(
            cpu: cpu.flatMap { reader.quantity($0, CPU.init(notation:)) } ?? .zero,
            memory: memory.flatMap { reader.quantity($0, Bytes.init(notation:)) } ?? .zero,
            disk: disk.flatMap { reader.quantity($0, Bytes.init(notation:)) } ?? .zero,
            network: network.flatMap { reader.quantity($0, BytesPerSecond.init(notation:)) }
                ?? .zero,
            scalars: further.compactMap { scalar($0.key, $0.field) })
    }

    private mutating func missing(
        _ key: String, _ further: [(key: String, field: Field)], of map: FieldMap
    ) {
        // Reported as the misspelt key itself, below.
        guard !further.contains(where: { misspelt($0.key) == key }) else { return }
        reader.missing(key, of: map)
    }

    /// The dimension that `key` was meant to be; three letters alone say too little, `gpu` is not
    /// `cpu`.
    private func misspelt(_ key: String) -> String? {
        let nearest = Spelling.nearest(to: key, among: Self.dimensions)
        return key.count > 3 ? nearest : nil
    }

    private mutating func scalar(_ key: String, _ field: Field) -> Resources.Scalar? {
        if let meant = misspelt(key) {
            reader.refuse(
                at: field.place, field.path, "unknown key '\(key)'", "did you mean '\(meant)'?")
            return nil
        }
        let amount = reader.quantity(field) { (text) throws(NotationFailure) in
            do {
                return try CPU(notation: text).millicores
            } catch {
                throw NotationFailure(
                    "'\(text)' is not an amount",
                    suggestion: "write a number, such as 1 or 500m; known besides: "
                        + Self.dimensions.joined(separator: ", "))
            }
        }
        return amount.map { Resources.Scalar(name: key, amount: $0) }
    }

    mutating func storage(_ map: inout FieldMap) -> Storage {
        var disks: [Bytes] = []
        var sharedDisks: [Storage.SharedDisk] = []
        for field in map.take("disks").flatMap({ reader.list($0) }) ?? [] {
            switch disk(field) {
            case .own(let size): disks.append(size)
            case .shared(let disk): sharedDisks.append(disk)
            case nil: break
            }
        }
        var volumes: [Storage.Volume] = []
        if let field = map.take("volumes") {
            volumes = reader.list(field)?.compactMap { volume($0) } ?? []
        }
        let cloudInit = map.take("cloudInit").flatMap { reader.text($0) }
        return Storage(
            disks: disks, sharedDisks: sharedDisks, volumes: volumes, cloudInit: cloudInit)
    }

    private enum Disk {
        case own(Bytes)
        case shared(Storage.SharedDisk)
    }

    /// A size, or a mapping of one that hosts share.
    private mutating func disk(_ field: Field) -> Disk? {
        guard case .mapping = field.value.content else { return diskSize(field).map { .own($0) } }
        guard var map = reader.mapping(field) else { return nil }
        let nameField = map.take("name")
        if nameField == nil { reader.missing("name", of: map) }
        let sizeField = map.take("size")
        if sizeField == nil { reader.missing("size", of: map) }
        let shared = map.take("shared")
        if shared == nil {
            reader.missing("shared", of: map, "a disk of the host's own is its size alone")
        }
        reader.finish(map)
        let name = nameField.flatMap { reader.word($0) }
        let size = sizeField.flatMap { diskSize($0) }
        let directory = shared.flatMap { reader.word($0) }
        guard let name, let size, let directory, let nameField, let shared else { return nil }
        do {
            return .shared(
                try Storage.SharedDisk(name: name, size: size, directory: directory))
        } catch {
            let at = error.field == "disks.name" ? nameField : shared
            reader.refuse(at, error.problem, error.suggestion)
            return nil
        }
    }

    private mutating func diskSize(_ field: Field) -> Bytes? {
        guard let size = reader.quantity(field, Bytes.init(notation:)) else { return nil }
        guard size >= .mebibytes(1) else {
            reader.refuse(field, "has to be at least 1MiB")
            return nil
        }
        return size
    }

    private mutating func volume(_ field: Field) -> Storage.Volume? {
        guard var map = reader.mapping(field) else { return nil }
        let name = map.take("name")
        if name == nil { reader.missing("name", of: map) }
        let path = map.take("path")
        if path == nil { reader.missing("path", of: map) }
        let shared = map.take("shared")
        reader.finish(map)
        let directory = shared.flatMap { reader.word($0) }
        guard let name, let path, let named = reader.word(name), let mounted = reader.word(path),
            // One that cannot be read must not become a local volume.
            (shared == nil) == (directory == nil)
        else {
            return nil
        }
        do {
            return try Storage.Volume(name: named, path: mounted, shared: directory)
        } catch {
            let fields = ["volumes.path": path, "volumes.shared": shared ?? path]
            reader.refuse(fields[error.field] ?? name, error.problem, error.suggestion)
            return nil
        }
    }
}
