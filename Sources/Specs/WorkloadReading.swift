import ClusterModel

/// Reads one document as a workload.
struct WorkloadReading {
    let document: YAMLValue
    var reader: FieldReader
    /// The name as written, also when something else is wrong with the document.
    private(set) var name: (text: String, place: SpecProblem.Place)?

    init(document: YAMLValue, file: String) {
        self.document = document
        reader = FieldReader(file: file)
    }

    var problems: [SpecProblem] { reader.problems }

    /// The workload; `nil` when the document has problems.
    mutating func read() -> Workload? {
        let root = Field(path: "", place: document.place, value: document)
        guard var map = reader.mapping(root) else { return nil }
        let kind = map.take("kind").map { reader.choice($0, of: Workload.Kind.self) }
        if kind == nil { reader.missing("kind", of: map, "write kind: vm or kind: container") }
        let nameField = map.take("name")
        if nameField == nil { reader.missing("name", of: map) }
        let name = nameField.flatMap { field in reader.word(field).map { ($0, field.value.place) } }
        self.name = name
        let count = map.take("count").flatMap { reader.integer($0, in: 0...Workload.mostInstances) }
        let labels = map.take("labels").map { reader.labels($0) }
        let imageField = map.take("image")
        if imageField == nil { reader.missing("image", of: map, "huddle image list shows them") }
        let image = imageField.flatMap { self.image($0) }
        let size = self.size(&map)
        let limit = map.take("limit").map { self.limit($0) }
        let floor = map.take("floor").flatMap { self.floor($0) }
        let program = self.program(&map)
        let storage = self.storage(&map)
        let rules = map.take("rules").map { self.rules($0) }
        let move = map.take("move").map { self.move($0) }
        let onHostLoss = map.take("onHostLoss").flatMap {
            reader.choice($0, of: Workload.OnHostLoss.self)
        }
        let recoveryTime = map.take("recoveryTime").flatMap {
            reader.quantity($0, Duration.init(notation:))
        }
        reader.finish(map)
        guard reader.problems.isEmpty, let kind = kind ?? nil, let name, let image else {
            return nil
        }
        do {
            return try Workload(
                kind: kind, name: WorkloadID(name.0), count: count ?? 1, labels: labels ?? .none,
                image: image, program: program, storage: storage, size: size,
                limit: limit ?? Workload.Limit(), rules: rules ?? .none, move: move ?? .standard,
                onHostLoss: onHostLoss ?? .wait, floor: floor ?? .zero,
                recoveryTime: recoveryTime)
        } catch {
            reader.refuse(error, within: document.place)
            return nil
        }
    }

    private mutating func image(_ field: Field) -> ImageReference? {
        guard case .mapping = field.value.content else {
            return reader.word(field).map { .named($0) }
        }
        guard var map = reader.mapping(field) else { return nil }
        let kernel = map.take("kernel")
        if kernel == nil { reader.missing("kernel", of: map) }
        let initrd = map.take("initrd")
        if initrd == nil { reader.missing("initrd", of: map) }
        let append = map.take("append").flatMap { reader.text($0) }
        reader.finish(map)
        guard let kernel = kernel.flatMap({ reader.word($0) }),
            let initrd = initrd.flatMap({ reader.word($0) })
        else { return nil }
        return .kernel(kernel: kernel, initrd: initrd, append: append ?? "")
    }

    private mutating func limit(_ field: Field) -> Workload.Limit {
        guard var map = reader.mapping(field) else { return Workload.Limit() }
        let cpu = map.take("cpu").flatMap { reader.quantity($0, CPU.init(notation:)) }
        let memory = map.take("memory").flatMap { reader.quantity($0, Bytes.init(notation:)) }
        reader.finish(map)
        return Workload.Limit(cpu: cpu, memory: memory)
    }

    private mutating func floor(_ field: Field) -> CPU? {
        guard var map = reader.mapping(field) else { return nil }
        let cpu = map.take("cpu").flatMap { reader.quantity($0, CPU.init(notation:)) }
        reader.finish(map)
        return cpu
    }

    private mutating func rules(_ field: Field) -> Rules {
        guard var map = reader.mapping(field) else { return .none }
        let need = map.take("need").map { reader.labels($0) }
        let avoid = map.take("avoid").map { reader.labels($0) }
        let prefer = map.take("prefer").map { reader.labels($0) }
        let apart = map.take("apart").map { reader.labels($0) }
        let together = map.take("together").map { reader.labels($0) }
        let spread = map.take("spread").flatMap { reader.word($0) }
        let tolerate = map.take("tolerate").map { reader.labels($0) }
        let priority = map.take("priority").flatMap {
            reader.integer($0, in: -1_000_000...1_000_000)
        }
        reader.finish(map)
        return Rules(
            need: need ?? .none, avoid: avoid ?? .none, prefer: prefer ?? .none,
            apart: apart ?? .none, together: together ?? .none, spread: spread,
            tolerate: tolerate ?? .none, priority: priority ?? 0)
    }

    private mutating func move(_ field: Field) -> MovePreference {
        guard var map = reader.mapping(field) else { return .standard }
        var allow: [MoveMode]?
        if let field = map.take("allow") {
            allow = reader.list(field)?.compactMap { reader.choice($0, of: MoveMode.self) }
        }
        let downtime = map.take("downtime").flatMap { interruption($0) }
        var converge: [MoveRecourse]?
        if let field = map.take("converge") {
            converge = reader.list(field)?.compactMap { reader.choice($0, of: MoveRecourse.self) }
        }
        let most = map.take("most").flatMap { reader.quantity($0, Duration.init(notation:)) }
        let balloon = map.take("balloon").flatMap { reader.flag($0) }
        if let quiet = map.take("quiet") {
            // A window that is read and then ignored would let a move happen in it.
            reader.refuse(
                at: quiet.place, quiet.path, "quiet windows are not available yet",
                "leave it out, or set allow: [] to forbid every move")
        }
        reader.finish(map)
        return MovePreference(
            allow: allow ?? MovePreference.standard.allow,
            downtime: downtime ?? MovePreference.standard.downtime,
            converge: converge ?? MovePreference.standard.converge, most: most,
            balloon: balloon ?? MovePreference.standard.balloon)
    }

    private mutating func interruption(_ field: Field) -> Duration? {
        let downtime = reader.quantity(field, Duration.init(notation:))
        if let downtime, downtime < .milliseconds(1) {
            reader.refuse(
                at: field.place, field.path, "no move is without any interruption",
                "leave it out, or set allow: [] to forbid every move")
        }
        return downtime
    }
}
