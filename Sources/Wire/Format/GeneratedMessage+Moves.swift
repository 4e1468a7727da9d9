import CHuddleProto

extension Huddle__V1__MoveLoad: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_load__init }
}
extension Huddle__V1__EndlessMove: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__endless_move__init }
}
extension Huddle__V1__MoveForecast: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_forecast__init }
}
extension Huddle__V1__PlannedForecast: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__planned_forecast__init }
}
extension Huddle__V1__MoveMeasure: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_measure__init }
}
extension Huddle__V1__MoveReport: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_report__init }
}
extension Huddle__V1__MoveReports: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_reports__init }
}
extension Huddle__V1__MoveLink: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__move_link__init }
}
extension Huddle__V1__CheckpointVerdict: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__checkpoint_verdict__init }
}
extension Huddle__V1__CheckpointRefusal: GeneratedMessage {
    static var initialise: Initialiser<Self> { huddle__v1__checkpoint_refusal__init }
}
