import CHuddleProto

extension Huddle__V1__RecordRequest: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__record_request__init }
}
extension Huddle__V1__RecordPiece: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__record_piece__init }
}
extension Huddle__V1__Reservation: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__reservation__init }
}
extension Huddle__V1__HostView: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__host_view__init }
}
extension Huddle__V1__InstanceView: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__instance_view__init }
}
extension Huddle__V1__Snapshot: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__snapshot__init }
}
extension Huddle__V1__RecordEntry: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__record_entry__init }
}
