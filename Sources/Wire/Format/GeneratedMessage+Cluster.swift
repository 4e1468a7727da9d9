import CHuddleProto

extension Huddle__V1__VersionRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__version_request__init }
}
extension Huddle__V1__VersionReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__version_reply__init }
}
extension Huddle__V1__ApplyRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__apply_request__init }
}
extension Huddle__V1__WorkloadChange: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__workload_change__init }
}
extension Huddle__V1__ApplyReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__apply_reply__init }
}
extension Huddle__V1__DeleteWorkloadRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__delete_workload_request__init }
}
extension Huddle__V1__ChangeReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__change_reply__init }
}
extension Huddle__V1__ListRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__list_request__init }
}
extension Huddle__V1__WorkloadSummary: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__workload_summary__init }
}
extension Huddle__V1__ListWorkloadsReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__list_workloads_reply__init }
}
extension Huddle__V1__InstanceSummary: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__instance_summary__init }
}
extension Huddle__V1__ListInstancesReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__list_instances_reply__init }
}
extension Huddle__V1__HostSummary: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__host_summary__init }
}
extension Huddle__V1__ListHostsReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__list_hosts_reply__init }
}
extension Huddle__V1__HostRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__host_request__init }
}
extension Huddle__V1__DrainHostRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__drain_host_request__init }
}
extension Huddle__V1__MakePlanRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__make_plan_request__init }
}
extension Huddle__V1__PlanRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__plan_request__init }
}
extension Huddle__V1__PlanReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__plan_reply__init }
}
extension Huddle__V1__PlanProgress: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__plan_progress__init }
}
extension Huddle__V1__MoveSummary: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_summary__init }
}
extension Huddle__V1__ListMovesReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__list_moves_reply__init }
}
extension Huddle__V1__CancelMoveRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__cancel_move_request__init }
}
extension Huddle__V1__ExplainRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__explain_request__init }
}
extension Huddle__V1__HostVerdict: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__host_verdict__init }
}
extension Huddle__V1__HostScore: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__host_score__init }
}
extension Huddle__V1__Flip: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__flip__init }
}
extension Huddle__V1__FlipChange: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__flip_change__init }
}
extension Huddle__V1__ExplainReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__explain_reply__init }
}
extension Huddle__V1__EventsRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__events_request__init }
}
extension Huddle__V1__CreateTokenRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__create_token_request__init }
}
extension Huddle__V1__CreateTokenReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__create_token_reply__init }
}
extension Huddle__V1__ListImagesReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__list_images_reply__init }
}
extension Huddle__V1__AddImageHeader: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__add_image_header__init }
}
extension Huddle__V1__AddImageRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__add_image_request__init }
}
extension Huddle__V1__RemoveImageRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__remove_image_request__init }
}
extension Huddle__V1__LogsRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__logs_request__init }
}
extension Huddle__V1__TerminalStart: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__terminal_start__init }
}
extension Huddle__V1__TerminalRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__terminal_request__init }
}
extension Huddle__V1__PauseRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__pause_request__init }
}
extension Huddle__V1__LoopReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__loop_reply__init }
}
