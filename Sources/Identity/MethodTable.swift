/// Who may call what: every method of huddle.v1 and of gRPC's own services, and nothing else.
///
/// A method that is not here is refused, whoever calls; a test compares the table with `proto/`.
package enum MethodTable {
    /// What a method asks of its caller.
    package enum Requirement: Hashable, Sendable {
        /// Nothing: the caller has a token instead of a certificate.
        case anyone
        /// Whoever has a certificate of this cluster.
        case anyMember
        /// An agent, speaking of its own host.
        case ownAgent
        /// An agent of any host; what it may have is decided by the callee's own orders.
        case anyAgent
        /// A user of this role or a higher one.
        case user(Role)
    }

    /// The table, by full method path.
    package static let requirements: [String: Requirement] = [
        "/huddle.v1.Join/Join": .anyone,

        "/huddle.v1.Agents/Renew": .ownAgent,
        "/huddle.v1.Agents/Control": .ownAgent,
        "/huddle.v1.Agents/Attach": .ownAgent,
        "/huddle.v1.Agents/FetchFile": .ownAgent,

        "/huddle.v1.Peers/FetchFile": .anyAgent,
        "/huddle.v1.Peers/FetchInstance": .anyAgent,
        "/huddle.v1.Peers/FetchLog": .anyAgent,

        "/huddle.v1.Cluster/Version": .user(.viewer),
        "/huddle.v1.Cluster/ListWorkloads": .user(.viewer),
        "/huddle.v1.Cluster/ListInstances": .user(.viewer),
        "/huddle.v1.Cluster/ListHosts": .user(.viewer),
        "/huddle.v1.Cluster/ListMoves": .user(.viewer),
        "/huddle.v1.Cluster/ListImages": .user(.viewer),
        "/huddle.v1.Cluster/GetPlan": .user(.viewer),
        "/huddle.v1.Cluster/MakePlan": .user(.viewer),
        "/huddle.v1.Cluster/Explain": .user(.viewer),
        "/huddle.v1.Cluster/Events": .user(.viewer),
        "/huddle.v1.Cluster/Logs": .user(.viewer),
        "/huddle.v1.Cluster/ShowPolicy": .user(.viewer),
        "/huddle.v1.Cluster/ShowLoop": .user(.viewer),

        "/huddle.v1.Cluster/Apply": .user(.operator),
        "/huddle.v1.Cluster/DeleteWorkload": .user(.operator),
        "/huddle.v1.Cluster/DrainHost": .user(.operator),
        "/huddle.v1.Cluster/RestoreHost": .user(.operator),
        "/huddle.v1.Cluster/RunPlan": .user(.operator),
        "/huddle.v1.Cluster/CancelMove": .user(.operator),
        "/huddle.v1.Cluster/PauseLoop": .user(.operator),
        "/huddle.v1.Cluster/Record": .user(.operator),
        "/huddle.v1.Cluster/SleepHost": .user(.operator),
        "/huddle.v1.Cluster/WakeHost": .user(.operator),
        "/huddle.v1.Cluster/Exec": .user(.operator),
        "/huddle.v1.Cluster/Console": .user(.operator),

        "/huddle.v1.Cluster/CreateToken": .user(.admin),
        "/huddle.v1.Cluster/RemoveHost": .user(.admin),
        "/huddle.v1.Cluster/FenceHost": .user(.admin),
        "/huddle.v1.Cluster/ConfirmHost": .user(.admin),
        "/huddle.v1.Cluster/SetPolicy": .user(.admin),
        "/huddle.v1.Cluster/AddImage": .user(.admin),
        "/huddle.v1.Cluster/RemoveImage": .user(.admin),

        "/grpc.health.v1.Health/Check": .anyMember,
        "/grpc.health.v1.Health/Watch": .anyMember,
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": .anyMember,
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": .anyMember,
    ]
}
