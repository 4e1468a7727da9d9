import CHuddleProto
import ClusterModel

extension Workload.Kind: WireEnum {
    var wire: Huddle__V1__Kind {
        switch self {
        case .vm: HUDDLE__V1__KIND__KIND_VM
        case .container: HUDDLE__V1__KIND__KIND_CONTAINER
        }
    }
}

extension MoveMode: WireEnum {
    var wire: Huddle__V1__MoveMode {
        switch self {
        case .live: HUDDLE__V1__MOVE_MODE__MOVE_MODE_LIVE
        case .relocate: HUDDLE__V1__MOVE_MODE__MOVE_MODE_RELOCATE
        case .restart: HUDDLE__V1__MOVE_MODE__MOVE_MODE_RESTART
        }
    }
}

extension MoveRecourse: WireEnum {
    var wire: Huddle__V1__MoveRecourse {
        switch self {
        case .slower: HUDDLE__V1__MOVE_RECOURSE__MOVE_RECOURSE_SLOWER
        case .longer: HUDDLE__V1__MOVE_RECOURSE__MOVE_RECOURSE_LONGER
        case .postcopy: HUDDLE__V1__MOVE_RECOURSE__MOVE_RECOURSE_POSTCOPY
        case .restart: HUDDLE__V1__MOVE_RECOURSE__MOVE_RECOURSE_RESTART
        }
    }
}

extension RestartPolicy: WireEnum {
    var wire: Huddle__V1__RestartPolicy {
        switch self {
        case .always: HUDDLE__V1__RESTART_POLICY__RESTART_POLICY_ALWAYS
        case .onFailure: HUDDLE__V1__RESTART_POLICY__RESTART_POLICY_ON_FAILURE
        case .never: HUDDLE__V1__RESTART_POLICY__RESTART_POLICY_NEVER
        }
    }
}

extension Program.Port.Transport: WireEnum {
    var wire: Huddle__V1__Transport {
        switch self {
        case .tcp: HUDDLE__V1__TRANSPORT__TRANSPORT_TCP
        case .udp: HUDDLE__V1__TRANSPORT__TRANSPORT_UDP
        }
    }
}

extension Workload.OnHostLoss: WireEnum {
    var wire: Huddle__V1__OnHostLoss {
        switch self {
        case .wait: HUDDLE__V1__ON_HOST_LOSS__ON_HOST_LOSS_WAIT
        case .restart: HUDDLE__V1__ON_HOST_LOSS__ON_HOST_LOSS_RESTART
        }
    }
}

extension Instance.Desired: WireEnum {
    var wire: Huddle__V1__Desired {
        switch self {
        case .running: HUDDLE__V1__DESIRED__DESIRED_RUNNING
        case .stopped: HUDDLE__V1__DESIRED__DESIRED_STOPPED
        case .removed: HUDDLE__V1__DESIRED__DESIRED_REMOVED
        }
    }
}

extension Image.Format: WireEnum {
    var wire: Huddle__V1__ImageFormat {
        switch self {
        case .archive: HUDDLE__V1__IMAGE_FORMAT__IMAGE_FORMAT_ARCHIVE
        case .qcow2: HUDDLE__V1__IMAGE_FORMAT__IMAGE_FORMAT_QCOW2
        case .kernel: HUDDLE__V1__IMAGE_FORMAT__IMAGE_FORMAT_KERNEL
        }
    }
}

extension Host.State: WireEnum {
    var wire: Huddle__V1__HostState {
        switch self {
        case .joining: HUDDLE__V1__HOST_STATE__HOST_STATE_JOINING
        case .ready: HUDDLE__V1__HOST_STATE__HOST_STATE_READY
        case .draining: HUDDLE__V1__HOST_STATE__HOST_STATE_DRAINING
        case .lost: HUDDLE__V1__HOST_STATE__HOST_STATE_LOST
        case .fenced: HUDDLE__V1__HOST_STATE__HOST_STATE_FENCED
        case .unconfirmed: HUDDLE__V1__HOST_STATE__HOST_STATE_UNCONFIRMED
        case .asleep: HUDDLE__V1__HOST_STATE__HOST_STATE_ASLEEP
        }
    }
}

extension Pressure.Scope: WireEnum {
    var wire: Huddle__V1__PressureScope {
        switch self {
        case .machine: HUDDLE__V1__PRESSURE_SCOPE__PRESSURE_SCOPE_MACHINE
        case .cgroup: HUDDLE__V1__PRESSURE_SCOPE__PRESSURE_SCOPE_CGROUP
        }
    }
}

extension Policy.Mode: WireEnum {
    var wire: Huddle__V1__PolicyMode {
        switch self {
        case .off: HUDDLE__V1__POLICY_MODE__POLICY_MODE_OFF
        case .suggest: HUDDLE__V1__POLICY_MODE__POLICY_MODE_SUGGEST
        case .auto: HUDDLE__V1__POLICY_MODE__POLICY_MODE_AUTO
        }
    }
}

extension Move.Phase: WireEnum {
    var wire: Huddle__V1__MovePhase {
        switch self {
        case .preflight: HUDDLE__V1__MOVE_PHASE__MOVE_PHASE_PREFLIGHT
        case .prepare: HUDDLE__V1__MOVE_PHASE__MOVE_PHASE_PREPARE
        case .copy: HUDDLE__V1__MOVE_PHASE__MOVE_PHASE_COPY
        case .switchOver: HUDDLE__V1__MOVE_PHASE__MOVE_PHASE_SWITCH_OVER
        case .confirm: HUDDLE__V1__MOVE_PHASE__MOVE_PHASE_CONFIRM
        case .release: HUDDLE__V1__MOVE_PHASE__MOVE_PHASE_RELEASE
        }
    }
}

extension Occurrence.Severity: WireEnum {
    var wire: Huddle__V1__Severity {
        switch self {
        case .notice: HUDDLE__V1__SEVERITY__SEVERITY_NOTICE
        case .warning: HUDDLE__V1__SEVERITY__SEVERITY_WARNING
        case .failure: HUDDLE__V1__SEVERITY__SEVERITY_FAILURE
        }
    }
}
