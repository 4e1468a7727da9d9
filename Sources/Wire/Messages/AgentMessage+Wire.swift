import CHuddleProto
import ClusterModel

extension AgentMessage: WireMessage, WireValue {
    init(raw: Huddle__V1__AgentMessage) throws(InvalidValue) {
        switch raw.body_case {
        case HUDDLE__V1__AGENT_MESSAGE__BODY_HELLO:
            self = .hello(try required(raw.hello, "hello"))
        case HUDDLE__V1__AGENT_MESSAGE__BODY_REPORT:
            self = .report(try required(raw.report, "report"))
        case HUDDLE__V1__AGENT_MESSAGE__BODY_STATUSES:
            self = .statuses(try required(raw.statuses, "statuses"))
        case HUDDLE__V1__AGENT_MESSAGE__BODY_MOVE_RESULT:
            self = .moveResult(try required(raw.move_result, "moveResult"))
        case HUDDLE__V1__AGENT_MESSAGE__BODY_CAPACITY:
            self = .capacity(try required(raw.capacity, "capacity"))
        case HUDDLE__V1__AGENT_MESSAGE__BODY_MOVE_PROGRESS:
            self = .moveProgress(try required(raw.move_progress, "moveProgress"))
        default: throw .missing("body")
        }
    }

    func fill(_ raw: inout Huddle__V1__AgentMessage, _ arena: inout Arena) {
        switch self {
        case .hello(let value):
            raw.body_case = HUDDLE__V1__AGENT_MESSAGE__BODY_HELLO
            raw.hello = arena.message(value)
        case .report(let value):
            raw.body_case = HUDDLE__V1__AGENT_MESSAGE__BODY_REPORT
            raw.report = arena.message(value)
        case .statuses(let value):
            raw.body_case = HUDDLE__V1__AGENT_MESSAGE__BODY_STATUSES
            raw.statuses = arena.message(value)
        case .moveResult(let value):
            raw.body_case = HUDDLE__V1__AGENT_MESSAGE__BODY_MOVE_RESULT
            raw.move_result = arena.message(value)
        case .capacity(let value):
            raw.body_case = HUDDLE__V1__AGENT_MESSAGE__BODY_CAPACITY
            raw.capacity = arena.message(value)
        case .moveProgress(let value):
            raw.body_case = HUDDLE__V1__AGENT_MESSAGE__BODY_MOVE_PROGRESS
            raw.move_progress = arena.message(value)
        }
    }
}

extension Hello: WireMessage, WireValue {
    init(raw: Huddle__V1__Hello) throws(InvalidValue) {
        self.init(
            protocol: Int(raw.protocol), version: text(raw.version), host: try ID(raw.host, "host"),
            capacity: try required(raw.capacity, "capacity"),
            labels: try Labels(raw.labels, raw.n_labels, "labels"), address: text(raw.address))
    }

    func fill(_ raw: inout Huddle__V1__Hello, _ arena: inout Arena) {
        raw.protocol = UInt32(clamping: `protocol`)
        raw.version = arena.text(version)
        raw.host = arena.id(host)
        raw.capacity = arena.message(capacity)
        (raw.n_labels, raw.labels) = arena.messages(labels.pairs)
        raw.address = arena.text(address)
    }
}

extension Report: WireMessage, WireValue {
    init(raw: Huddle__V1__Report) throws(InvalidValue) {
        self.init(
            host: try required(raw.host, "host"),
            instances: try messages(raw.instances, raw.n_instances, "instances"),
            images: texts(raw.images, raw.n_images))
    }

    func fill(_ raw: inout Huddle__V1__Report, _ arena: inout Arena) {
        raw.host = arena.message(host)
        (raw.n_instances, raw.instances) = arena.messages(instances)
        (raw.n_images, raw.images) = arena.texts(images)
    }
}

extension InstanceUse: WireMessage, WireValue {
    init(raw: Huddle__V1__InstanceUse) throws(InvalidValue) {
        self.init(
            id: try ID(raw.id, "id"), use: try required(raw.use, "use"),
            load: try optional(raw.load, "load"))
    }

    func fill(_ raw: inout Huddle__V1__InstanceUse, _ arena: inout Arena) {
        raw.id = arena.id(id)
        raw.use = arena.message(use)
        raw.load = arena.message(load)
    }
}

extension Statuses: WireMessage, WireValue {
    init(raw: Huddle__V1__Statuses) throws(InvalidValue) {
        self.init(instances: try messages(raw.instances, raw.n_instances, "instances"))
    }

    func fill(_ raw: inout Huddle__V1__Statuses, _ arena: inout Arena) {
        (raw.n_instances, raw.instances) = arena.messages(instances)
    }
}

extension InstanceStatus: WireMessage, WireValue {
    init(raw: Huddle__V1__InstanceStatus) throws(InvalidValue) {
        self.init(
            id: try ID(raw.id, "id"), generation: try Generation(raw.generation, "generation"),
            observed: try required(raw.observed, "observed"))
    }

    func fill(_ raw: inout Huddle__V1__InstanceStatus, _ arena: inout Arena) {
        raw.id = arena.id(id)
        raw.generation = generation.number
        raw.observed = arena.message(observed)
    }
}

extension MoveResult: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveResult) throws(InvalidValue) {
        let hasFailure =
            raw.failure_presence_case == HUDDLE__V1__MOVE_RESULT__FAILURE_PRESENCE_FAILURE
        self.init(
            move: try ID(raw.move, "move"), phase: try Move.Phase(raw.phase, "phase"),
            undo: raw.undo != 0, failure: hasFailure ? text(raw.failure) : nil,
            endpoint: try optional(raw.endpoint, "endpoint"),
            measure: try optional(raw.measure, "measure") ?? .nothing,
            verdict: try optional(raw.verdict, "verdict"))
    }

    func fill(_ raw: inout Huddle__V1__MoveResult, _ arena: inout Arena) {
        raw.move = arena.id(move)
        raw.phase = phase.wire
        raw.undo = undo.wire
        raw.endpoint = arena.message(endpoint)
        raw.measure = measure == .nothing ? nil : arena.message(measure)
        raw.verdict = arena.message(verdict)
        if let failure {
            raw.failure_presence_case = HUDDLE__V1__MOVE_RESULT__FAILURE_PRESENCE_FAILURE
            raw.failure = arena.text(failure)
        }
    }
}

extension MoveProgressNote: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveProgressNote) throws(InvalidValue) {
        self.init(move: try ID(raw.move, "move"), progress: try required(raw.progress, "progress"))
    }

    func fill(_ raw: inout Huddle__V1__MoveProgressNote, _ arena: inout Arena) {
        raw.move = arena.id(move)
        raw.progress = arena.message(progress)
    }
}
