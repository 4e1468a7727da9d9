import CHuddleProto

extension Huddle__V1__JoinRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__join_request__init }
}
extension Huddle__V1__JoinReply: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__join_reply__init }
}
extension Huddle__V1__RenewRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__renew_request__init }
}
extension Huddle__V1__Hello: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__hello__init }
}
extension Huddle__V1__InstanceStatus: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__instance_status__init }
}
extension Huddle__V1__InstanceUse: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__instance_use__init }
}
extension Huddle__V1__Report: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__report__init }
}
extension Huddle__V1__Statuses: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__statuses__init }
}
extension Huddle__V1__MoveResult: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_result__init }
}
extension Huddle__V1__AgentMessage: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__agent_message__init }
}
extension Huddle__V1__Welcome: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__welcome__init }
}
extension Huddle__V1__Assignment: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__assignment__init }
}
extension Huddle__V1__Assignments: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__assignments__init }
}
extension Huddle__V1__MoveOrder: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_order__init }
}
extension Huddle__V1__AttachOrder: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__attach_order__init }
}
extension Huddle__V1__Acknowledged: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__acknowledged__init }
}
extension Huddle__V1__RevokedCertificate: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__revoked_certificate__init }
}
extension Huddle__V1__Revocations: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__revocations__init }
}
extension Huddle__V1__CoordinatorMessage: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__coordinator_message__init }
}
extension Huddle__V1__OutputChunk: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__output_chunk__init }
}
extension Huddle__V1__AttachEnd: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__attach_end__init }
}
extension Huddle__V1__AttachOutput: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__attach_output__init }
}
extension Huddle__V1__AttachInput: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__attach_input__init }
}
extension Huddle__V1__FetchFileRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__fetch_file_request__init }
}
extension Huddle__V1__FetchInstanceRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__fetch_instance_request__init }
}
extension Huddle__V1__Chunk: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__chunk__init }
}
extension Huddle__V1__MoveCredentials: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_credentials__init }
}
extension Huddle__V1__NetworkHost: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__network_host__init }
}
extension Huddle__V1__NetworkInstance: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__network_instance__init }
}
extension Huddle__V1__NetworkNews: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__network_news__init }
}
extension Huddle__V1__MoveProgressNote: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_progress_note__init }
}
