import CHuddleProto
package import ClusterModel

extension CheckpointVerdict: WireMessage, WireValue {
    init(raw: Huddle__V1__CheckpointVerdict) throws(InvalidValue) {
        self.init(try Work(raw.work, "work"), reason: text(raw.reason))
    }

    func fill(_ raw: inout Huddle__V1__CheckpointVerdict, _ arena: inout Arena) {
        raw.work = work.wire
        raw.reason = arena.text(reason)
    }
}

extension CheckpointVerdict.Work: WireEnum {
    var wire: Huddle__V1__CheckpointWork {
        switch self {
        case .checkpoint: HUDDLE__V1__CHECKPOINT_WORK__CHECKPOINT_WORK_CHECKPOINT
        case .restore: HUDDLE__V1__CHECKPOINT_WORK__CHECKPOINT_WORK_RESTORE
        }
    }
}

extension CheckpointRefusal: WireMessage, WireValue {
    init(raw: Huddle__V1__CheckpointRefusal) throws(InvalidValue) {
        self.init(
            program: CheckpointedProgram(image: text(raw.image), mark: raw.mark),
            software: CheckpointSoftware(
                tool: text(raw.tool), runtime: text(raw.runtime), kernel: text(raw.kernel)),
            verdict: try required(raw.verdict, "verdict"), until: try Instant(raw.until, "until"))
    }

    func fill(_ raw: inout Huddle__V1__CheckpointRefusal, _ arena: inout Arena) {
        raw.verdict = arena.message(verdict)
        raw.image = arena.text(program.image)
        raw.mark = program.mark
        raw.tool = arena.text(software.tool)
        raw.runtime = arena.text(software.runtime)
        raw.kernel = arena.text(software.kernel)
        raw.until = until.wire
    }
}
