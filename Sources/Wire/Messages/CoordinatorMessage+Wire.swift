import CHuddleProto
import ClusterModel

extension CoordinatorMessage: WireMessage, WireValue {
    init(raw: Huddle__V1__CoordinatorMessage) throws(InvalidValue) {
        switch raw.body_case {
        case HUDDLE__V1__COORDINATOR_MESSAGE__BODY_WELCOME:
            self = .welcome(try required(raw.welcome, "welcome"))
        case HUDDLE__V1__COORDINATOR_MESSAGE__BODY_ASSIGNMENTS:
            self = .assignments(try required(raw.assignments, "assignments"))
        case HUDDLE__V1__COORDINATOR_MESSAGE__BODY_MOVE:
            self = .move(try required(raw.move, "move"))
        case HUDDLE__V1__COORDINATOR_MESSAGE__BODY_ATTACH:
            self = .attach(try required(raw.attach, "attach"))
        case HUDDLE__V1__COORDINATOR_MESSAGE__BODY_ACKNOWLEDGED:
            self = .acknowledged
        case HUDDLE__V1__COORDINATOR_MESSAGE__BODY_NETWORK:
            self = .network(try required(raw.network, "network"))
        case HUDDLE__V1__COORDINATOR_MESSAGE__BODY_REVOCATIONS:
            self = .revocations(try required(raw.revocations, "revocations"))
        default: throw .missing("body")
        }
    }

    func fill(_ raw: inout Huddle__V1__CoordinatorMessage, _ arena: inout Arena) {
        switch self {
        case .welcome(let value):
            raw.body_case = HUDDLE__V1__COORDINATOR_MESSAGE__BODY_WELCOME
            raw.welcome = arena.message(value)
        case .assignments(let value):
            raw.body_case = HUDDLE__V1__COORDINATOR_MESSAGE__BODY_ASSIGNMENTS
            raw.assignments = arena.message(value)
        case .move(let value):
            raw.body_case = HUDDLE__V1__COORDINATOR_MESSAGE__BODY_MOVE
            raw.move = arena.message(value)
        case .attach(let value):
            raw.body_case = HUDDLE__V1__COORDINATOR_MESSAGE__BODY_ATTACH
            raw.attach = arena.message(value)
        case .acknowledged:
            raw.body_case = HUDDLE__V1__COORDINATOR_MESSAGE__BODY_ACKNOWLEDGED
            raw.acknowledged = arena.place(.empty)
        case .network(let value):
            raw.body_case = HUDDLE__V1__COORDINATOR_MESSAGE__BODY_NETWORK
            raw.network = arena.message(value)
        case .revocations(let value):
            raw.body_case = HUDDLE__V1__COORDINATOR_MESSAGE__BODY_REVOCATIONS
            raw.revocations = arena.message(value)
        }
    }
}

extension Welcome: WireMessage, WireValue {
    init(raw: Huddle__V1__Welcome) throws(InvalidValue) {
        self.init(
            protocol: Int(raw.protocol), version: text(raw.version),
            lease: try Duration(raw.lease_milliseconds, "lease"))
    }

    func fill(_ raw: inout Huddle__V1__Welcome, _ arena: inout Arena) {
        raw.protocol = UInt32(clamping: `protocol`)
        raw.version = arena.text(version)
        raw.lease_milliseconds = lease.wire
    }
}

extension Assignments: WireMessage, WireValue {
    init(raw: Huddle__V1__Assignments) throws(InvalidValue) {
        self.init(
            assignments: try messages(raw.assignments, raw.n_assignments, "assignments"),
            complete: raw.complete != 0,
            moving: try ids(raw.moving, raw.n_moving, "moving"))
    }

    func fill(_ raw: inout Huddle__V1__Assignments, _ arena: inout Arena) {
        (raw.n_assignments, raw.assignments) = arena.messages(assignments)
        raw.complete = complete.wire
        (raw.n_moving, raw.moving) = arena.texts(moving.map(\.rawValue))
    }
}

extension Assignment: WireMessage, WireValue {
    init(raw: Huddle__V1__Assignment) throws(InvalidValue) {
        self.init(
            instance: try ID(raw.instance, "instance"),
            generation: try Generation(raw.generation, "generation"),
            desired: try Instance.Desired(raw.desired, "desired"),
            workload: try required(raw.workload, "workload"),
            image: try optional(raw.image, "image"),
            imageHosts: texts(raw.image_hosts, raw.n_image_hosts),
            removeVolumes: raw.remove_volumes != 0,
            address: try IPv4Address.optional(raw.address, "address"))
    }

    func fill(_ raw: inout Huddle__V1__Assignment, _ arena: inout Arena) {
        raw.instance = arena.id(instance)
        raw.generation = generation.number
        raw.desired = desired.wire
        raw.workload = arena.message(workload)
        raw.image = arena.message(image)
        (raw.n_image_hosts, raw.image_hosts) = arena.texts(imageHosts)
        raw.remove_volumes = removeVolumes.wire
        raw.address = arena.address(address)
    }
}

extension MoveOrder: WireMessage, WireValue {
    init(raw: Huddle__V1__MoveOrder) throws(InvalidValue) {
        self.init(
            move: try required(raw.move, "move"), phase: try Move.Phase(raw.phase, "phase"),
            undo: raw.undo != 0, assignment: try required(raw.assignment, "assignment"),
            sourceAddress: text(raw.source_address),
            endpoint: try optional(raw.endpoint, "endpoint"),
            credentials: try optional(raw.credentials, "credentials"),
            bandwidth: raw.bandwidth == 0 ? nil : BytesPerSecond(raw.bandwidth),
            compression: try Policy.Compression(raw.compression, "compression"),
            streams: max(1, Int(raw.streams)), takesPostcopy: raw.takes_postcopy != 0,
            source: MoveSource(
                hasLetGo: raw.has_let_go != 0, isGone: raw.source_gone != 0))
    }

    func fill(_ raw: inout Huddle__V1__MoveOrder, _ arena: inout Arena) {
        raw.move = arena.message(move)
        raw.phase = phase.wire
        raw.undo = undo.wire
        raw.assignment = arena.message(assignment)
        raw.source_address = arena.text(sourceAddress)
        raw.endpoint = arena.message(endpoint)
        raw.credentials = arena.message(credentials)
        raw.bandwidth = bandwidth?.count ?? 0
        raw.compression = compression.wire
        if streams > 1 { raw.streams = UInt32(clamping: streams) }
        raw.takes_postcopy = takesPostcopy.wire
        raw.has_let_go = source.hasLetGo.wire
        raw.source_gone = source.isGone.wire
    }
}

extension AttachOrder: WireMessage, WireValue {
    init(raw: Huddle__V1__AttachOrder) throws(InvalidValue) {
        let hasTail = raw.tail_presence_case == HUDDLE__V1__ATTACH_ORDER__TAIL_PRESENCE_TAIL
        self.init(
            session: text(raw.session), kind: try AttachKind(raw.kind, "kind"),
            instance: try ID(raw.instance, "instance"), follow: raw.follow != 0,
            tail: hasTail ? Int(raw.tail) : nil, command: texts(raw.command, raw.n_command),
            terminal: raw.terminal != 0, fromArrival: raw.from_arrival != 0)
    }

    func fill(_ raw: inout Huddle__V1__AttachOrder, _ arena: inout Arena) {
        raw.session = arena.text(session)
        raw.kind = kind.wire
        raw.instance = arena.id(instance)
        raw.follow = follow.wire
        if let tail {
            raw.tail_presence_case = HUDDLE__V1__ATTACH_ORDER__TAIL_PRESENCE_TAIL
            raw.tail = UInt32(clamping: tail)
        }
        (raw.n_command, raw.command) = arena.texts(command)
        raw.terminal = terminal.wire
        raw.from_arrival = fromArrival.wire
    }
}
