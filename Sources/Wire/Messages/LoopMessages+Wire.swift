import CHuddleProto
import ClusterModel

extension PauseRequest: WireMessage, WireValue {
    init(raw: Huddle__V1__PauseRequest) throws(InvalidValue) {
        self.init(paused: raw.paused != 0)
    }

    func fill(_ raw: inout Huddle__V1__PauseRequest, _ arena: inout Arena) {
        raw.paused = paused.wire
    }
}

extension LoopReply: WireMessage, WireValue {
    init(raw: Huddle__V1__LoopReply) throws(InvalidValue) {
        self.init(paused: raw.paused != 0, hindrance: text(raw.hindrance))
    }

    func fill(_ raw: inout Huddle__V1__LoopReply, _ arena: inout Arena) {
        raw.paused = paused.wire
        raw.hindrance = arena.text(hindrance)
    }
}
