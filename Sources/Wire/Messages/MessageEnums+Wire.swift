import CHuddleProto
import ClusterModel

extension ChangeKind: WireEnum {
    var wire: Huddle__V1__ChangeKind {
        switch self {
        case .none: HUDDLE__V1__CHANGE_KIND__CHANGE_NONE
        case .created: HUDDLE__V1__CHANGE_KIND__CHANGE_CREATED
        case .updated: HUDDLE__V1__CHANGE_KIND__CHANGE_UPDATED
        case .replaced: HUDDLE__V1__CHANGE_KIND__CHANGE_REPLACED
        case .scaled: HUDDLE__V1__CHANGE_KIND__CHANGE_SCALED
        }
    }
}

extension AttachKind: WireEnum {
    var wire: Huddle__V1__AttachKind {
        switch self {
        case .logs: HUDDLE__V1__ATTACH_KIND__ATTACH_LOGS
        case .exec: HUDDLE__V1__ATTACH_KIND__ATTACH_EXEC
        case .console: HUDDLE__V1__ATTACH_KIND__ATTACH_CONSOLE
        }
    }
}

extension PlanState: WireEnum {
    var wire: Huddle__V1__PlanState {
        switch self {
        case .stored: HUDDLE__V1__PLAN_STATE__PLAN_STATE_STORED
        case .running: HUDDLE__V1__PLAN_STATE__PLAN_STATE_RUNNING
        case .done: HUDDLE__V1__PLAN_STATE__PLAN_STATE_DONE
        case .failed: HUDDLE__V1__PLAN_STATE__PLAN_STATE_FAILED
        case .stale: HUDDLE__V1__PLAN_STATE__PLAN_STATE_STALE
        }
    }
}

extension StepState: WireEnum {
    var wire: Huddle__V1__StepState {
        switch self {
        case .waiting: HUDDLE__V1__STEP_STATE__STEP_STATE_WAITING
        case .running: HUDDLE__V1__STEP_STATE__STEP_STATE_RUNNING
        case .done: HUDDLE__V1__STEP_STATE__STEP_STATE_DONE
        case .failed: HUDDLE__V1__STEP_STATE__STEP_STATE_FAILED
        }
    }
}

extension PlanOrigin: WireEnum {
    var wire: Huddle__V1__PlanOrigin {
        switch self {
        case .user: HUDDLE__V1__PLAN_ORIGIN__PLAN_ORIGIN_USER
        case .loop: HUDDLE__V1__PLAN_ORIGIN__PLAN_ORIGIN_LOOP
        }
    }
}
