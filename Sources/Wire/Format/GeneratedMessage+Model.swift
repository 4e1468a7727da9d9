import CHuddleProto

extension Huddle__V1__Label: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__label__init }
}
extension Huddle__V1__Scalar: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__scalar__init }
}
extension Huddle__V1__Resources: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__resources__init }
}
extension Huddle__V1__KernelImage: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__kernel_image__init }
}
extension Huddle__V1__ImageReference: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__image_reference__init }
}
extension Huddle__V1__Port: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__port__init }
}
extension Huddle__V1__HttpProbe: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__http_probe__init }
}
extension Huddle__V1__Command: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__command__init }
}
extension Huddle__V1__HealthCheck: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__health_check__init }
}
extension Huddle__V1__Volume: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__volume__init }
}
extension Huddle__V1__SharedDisk: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__shared_disk__init }
}
extension Huddle__V1__Rules: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__rules__init }
}
extension Huddle__V1__Workload: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__workload__init }
}
extension Huddle__V1__Observed: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__observed__init }
}
extension Huddle__V1__Instance: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__instance__init }
}
extension Huddle__V1__ImageFile: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__image_file__init }
}
extension Huddle__V1__Image: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__image__init }
}
extension Huddle__V1__Capability: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__capability__init }
}
extension Huddle__V1__Capacity: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__capacity__init }
}
extension Huddle__V1__Host: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__host__init }
}
extension Huddle__V1__Figure: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__figure__init }
}
extension Huddle__V1__Pressure: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__pressure__init }
}
extension Huddle__V1__Use: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__use__init }
}
extension Huddle__V1__PercentileDemand: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__percentile_demand__init }
}
extension Huddle__V1__JointDemand: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__joint_demand__init }
}
extension Huddle__V1__Standby: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__standby__init }
}
extension Huddle__V1__HostSleep: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__host_sleep__init }
}
extension Huddle__V1__Exceedance: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__exceedance__init }
}
extension Huddle__V1__WindowEntry: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__window_entry__init }
}
extension Huddle__V1__Window: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__window__init }
}
extension Huddle__V1__DomainBudget: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__domain_budget__init }
}
extension Huddle__V1__Policy: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__policy__init }
}
extension Huddle__V1__Misfit: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__misfit__init }
}
extension Huddle__V1__Step: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__step__init }
}
extension Huddle__V1__Refusal: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__refusal__init }
}
extension Huddle__V1__Rationale: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__rationale__init }
}
extension Huddle__V1__PlanRead: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__plan_read__init }
}
extension Huddle__V1__Plan: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__plan__init }
}
extension Huddle__V1__Move: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move__init }
}
extension Huddle__V1__Outcome: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__outcome__init }
}
extension Huddle__V1__Occurrence: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__occurrence__init }
}
extension Huddle__V1__MoveEndpoint: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_endpoint__init }
}
extension Huddle__V1__MoveProgress: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_progress__init }
}
extension Huddle__V1__Pairing: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__pairing__init }
}
extension Huddle__V1__ReleaseBefore: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__release_before__init }
}
extension Huddle__V1__ReleaseReturn: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__release_return__init }
}
extension Huddle__V1__Release: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__release__init }
}
