import CHuddleProto
import ClusterModel

extension AttachOutput: WireMessage, WireValue {
    init(raw: Huddle__V1__AttachOutput) throws(InvalidValue) {
        switch raw.body_case {
        case HUDDLE__V1__ATTACH_OUTPUT__BODY_SESSION:
            self = .session(text(raw.session))
        case HUDDLE__V1__ATTACH_OUTPUT__BODY_OUTPUT:
            self = .output(try required(raw.output, "output"))
        case HUDDLE__V1__ATTACH_OUTPUT__BODY_END:
            self = .end(try required(raw.end, "end"))
        default: throw .missing("body")
        }
    }

    func fill(_ raw: inout Huddle__V1__AttachOutput, _ arena: inout Arena) {
        switch self {
        case .session(let value):
            raw.body_case = HUDDLE__V1__ATTACH_OUTPUT__BODY_SESSION
            raw.session = arena.text(value)
        case .output(let value):
            raw.body_case = HUDDLE__V1__ATTACH_OUTPUT__BODY_OUTPUT
            raw.output = arena.message(value)
        case .end(let value):
            raw.body_case = HUDDLE__V1__ATTACH_OUTPUT__BODY_END
            raw.end = arena.message(value)
        }
    }
}

extension OutputChunk: WireMessage, WireValue {
    init(raw: Huddle__V1__OutputChunk) throws(InvalidValue) {
        self.init(errorStream: raw.error_stream != 0, bytes: octets(raw.bytes))
    }

    func fill(_ raw: inout Huddle__V1__OutputChunk, _ arena: inout Arena) {
        raw.error_stream = errorStream.wire
        raw.bytes = arena.bytes(bytes)
    }
}

extension AttachEnd: WireMessage, WireValue {
    init(raw: Huddle__V1__AttachEnd) throws(InvalidValue) {
        self.init(exitCode: Int(raw.exit_code), failure: text(raw.failure))
    }

    func fill(_ raw: inout Huddle__V1__AttachEnd, _ arena: inout Arena) {
        raw.exit_code = Int32(clamping: exitCode)
        raw.failure = arena.text(failure)
    }
}

extension AttachInput: WireMessage, WireValue {
    init(raw: Huddle__V1__AttachInput) throws(InvalidValue) {
        switch raw.body_case {
        case HUDDLE__V1__ATTACH_INPUT__BODY_BYTES:
            self = .bytes(octets(raw.bytes))
        case HUDDLE__V1__ATTACH_INPUT__BODY_CLOSED:
            self = .closed
        default: throw .missing("body")
        }
    }

    func fill(_ raw: inout Huddle__V1__AttachInput, _ arena: inout Arena) {
        switch self {
        case .bytes(let value):
            raw.body_case = HUDDLE__V1__ATTACH_INPUT__BODY_BYTES
            raw.bytes = arena.bytes(value)
        case .closed:
            raw.body_case = HUDDLE__V1__ATTACH_INPUT__BODY_CLOSED
            raw.closed = true.wire
        }
    }
}

extension TerminalRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__TerminalRequest) throws(InvalidValue) {
        switch raw.body_case {
        case HUDDLE__V1__TERMINAL_REQUEST__BODY_START:
            self = .start(try required(raw.start, "start"))
        case HUDDLE__V1__TERMINAL_REQUEST__BODY_BYTES:
            self = .bytes(octets(raw.bytes))
        case HUDDLE__V1__TERMINAL_REQUEST__BODY_CLOSED:
            self = .closed
        default: throw .missing("body")
        }
    }

    func fill(_ raw: inout Huddle__V1__TerminalRequest, _ arena: inout Arena) {
        switch self {
        case .start(let value):
            raw.body_case = HUDDLE__V1__TERMINAL_REQUEST__BODY_START
            raw.start = arena.message(value)
        case .bytes(let value):
            raw.body_case = HUDDLE__V1__TERMINAL_REQUEST__BODY_BYTES
            raw.bytes = arena.bytes(value)
        case .closed:
            raw.body_case = HUDDLE__V1__TERMINAL_REQUEST__BODY_CLOSED
            raw.closed = true.wire
        }
    }
}

extension TerminalStart: WireMessage, WireValue {
    init(raw: Huddle__V1__TerminalStart) throws(InvalidValue) {
        self.init(
            instance: try ID(raw.instance, "instance"), command: texts(raw.command, raw.n_command),
            terminal: raw.terminal != 0)
    }

    func fill(_ raw: inout Huddle__V1__TerminalStart, _ arena: inout Arena) {
        raw.instance = arena.id(instance)
        (raw.n_command, raw.command) = arena.texts(command)
        raw.terminal = terminal.wire
    }
}

extension LogsRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__LogsRequest) throws(InvalidValue) {
        let hasTail = raw.tail_presence_case == HUDDLE__V1__LOGS_REQUEST__TAIL_PRESENCE_TAIL
        self.init(
            instance: try ID(raw.instance, "instance"), follow: raw.follow != 0,
            tail: hasTail ? Int(raw.tail) : nil)
    }

    func fill(_ raw: inout Huddle__V1__LogsRequest, _ arena: inout Arena) {
        raw.instance = arena.id(instance)
        raw.follow = follow.wire
        if let tail {
            raw.tail_presence_case = HUDDLE__V1__LOGS_REQUEST__TAIL_PRESENCE_TAIL
            raw.tail = UInt32(clamping: tail)
        }
    }
}
