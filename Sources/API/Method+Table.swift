extension Method {
    /// The methods of the service `Join`.
    package enum Join {
        package static let join = Method(.join, "Join", .unary)

        /// In the order of the proto file.
        package static let all = [join]
    }

    /// The methods of the service `Agents`.
    package enum Agents {
        package static let renew = Method(.agents, "Renew", .unary)
        package static let control = Method(.agents, "Control", .bidirectional)
        package static let attach = Method(.agents, "Attach", .bidirectional)
        package static let fetchFile = Method(.agents, "FetchFile", .serverStream)

        /// In the order of the proto file.
        package static let all = [renew, control, attach, fetchFile]
    }

    /// The methods of the service `Peers`.
    package enum Peers {
        package static let fetchFile = Method(.peers, "FetchFile", .serverStream)
        package static let fetchInstance = Method(.peers, "FetchInstance", .serverStream)
        package static let fetchLog = Method(.peers, "FetchLog", .serverStream)

        /// In the order of the proto file.
        package static let all = [fetchFile, fetchInstance, fetchLog]
    }

    /// The methods of the service `Cluster`.
    package enum Cluster {
        package static let version = Method(.cluster, "Version", .unary)
        package static let apply = Method(.cluster, "Apply", .unary)
        package static let deleteWorkload = Method(.cluster, "DeleteWorkload", .unary)
        package static let listWorkloads = Method(.cluster, "ListWorkloads", .unary)
        package static let listInstances = Method(.cluster, "ListInstances", .unary)
        package static let listHosts = Method(.cluster, "ListHosts", .unary)
        package static let removeHost = Method(.cluster, "RemoveHost", .unary)
        package static let fenceHost = Method(.cluster, "FenceHost", .unary)
        package static let drainHost = Method(.cluster, "DrainHost", .unary)
        package static let restoreHost = Method(.cluster, "RestoreHost", .unary)
        package static let makePlan = Method(.cluster, "MakePlan", .unary)
        package static let getPlan = Method(.cluster, "GetPlan", .unary)
        package static let runPlan = Method(.cluster, "RunPlan", .serverStream)
        package static let listMoves = Method(.cluster, "ListMoves", .unary)
        package static let cancelMove = Method(.cluster, "CancelMove", .unary)
        package static let explain = Method(.cluster, "Explain", .unary)
        package static let events = Method(.cluster, "Events", .serverStream)
        package static let showPolicy = Method(.cluster, "ShowPolicy", .unary)
        package static let setPolicy = Method(.cluster, "SetPolicy", .unary)
        package static let createToken = Method(.cluster, "CreateToken", .unary)
        package static let listImages = Method(.cluster, "ListImages", .unary)
        package static let addImage = Method(.cluster, "AddImage", .clientStream)
        package static let removeImage = Method(.cluster, "RemoveImage", .unary)
        package static let logs = Method(.cluster, "Logs", .serverStream)
        package static let exec = Method(.cluster, "Exec", .bidirectional)
        package static let console = Method(.cluster, "Console", .bidirectional)
        package static let pauseLoop = Method(.cluster, "PauseLoop", .unary)
        package static let showLoop = Method(.cluster, "ShowLoop", .unary)
        package static let record = Method(.cluster, "Record", .serverStream)
        package static let confirmHost = Method(.cluster, "ConfirmHost", .unary)
        package static let sleepHost = Method(.cluster, "SleepHost", .unary)
        package static let wakeHost = Method(.cluster, "WakeHost", .unary)

        /// In the order of the proto file.
        package static let all = [
            version, apply, deleteWorkload, listWorkloads, listInstances, listHosts, removeHost,
            fenceHost, drainHost, restoreHost, makePlan, getPlan, runPlan, listMoves, cancelMove,
            explain, events, showPolicy, setPolicy, createToken, listImages, addImage, removeImage,
            logs, exec, console, pauseLoop, showLoop, record, confirmHost,
            sleepHost, wakeHost,
        ]
    }

    /// The methods of gRPC's service `Health`.
    package enum Health {
        package static let check = Method(.health, "Check", .unary)
        package static let watch = Method(.health, "Watch", .serverStream)

        /// In the order of the proto file.
        package static let all = [check, watch]
    }

    /// The method of gRPC's service `ServerReflection`, under its present name and the older one.
    package enum Reflection {
        package static let info = Method(.reflection, "ServerReflectionInfo", .bidirectional)
        package static let infoAlpha = Method(
            .reflectionAlpha, "ServerReflectionInfo", .bidirectional)

        /// In the order of the proto files.
        package static let all = [info, infoAlpha]
    }

    /// What writes or reads whole files, and so may wait for a disk: a gibibyte is made durable in seconds.
    package static let blocking: Set<Method> = [
        Agents.fetchFile, Peers.fetchFile, Peers.fetchInstance, Cluster.addImage,
    ]

    /// Every method of every service.
    package static let all =
        Join.all + Agents.all + Peers.all + Cluster.all + Health.all + Reflection.all
}
