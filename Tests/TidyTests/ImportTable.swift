/// Which modules each target may import; the order is from the bottom to the top, and imports point downwards only.
///
/// A change here is a change of the design: say why in the target's documentation.
enum ImportTable {
    /// What every target may use of the toolchain.
    static let toolchain: Set<String> = ["Glibc", "Synchronization", "Dispatch"]

    static let rows: [(target: String, imports: Set<String>)] = [
        ("ClusterModel", []),
        ("Planner", ["ClusterModel"]),
        ("PlanAudit", ["ClusterModel"]),
        ("ControlCore", ["ClusterModel"]),
        ("Ports", ["ClusterModel"]),
        ("Simulator", ["ClusterModel", "ControlCore", "PlanAudit", "Planner"]),
        ("HTTP2", ["CNghttp2"]),
        ("RPC", ["HTTP2", "CZlib"]),
        ("Transport", ["HTTP2", "RPC", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS"]),
        ("Wire", ["ClusterModel", "CHuddleProto", "CProtobufC"]),
        ("API", ["ClusterModel", "RPC", "Transport", "Wire"]),
        ("Identity", ["ClusterModel", "Crypto", "FoundationEssentials", "SwiftASN1", "X509"]),
        ("Store", ["ClusterModel", "Foundation", "GRDB", "Ports"]),
        ("Shelf", ["ClusterModel", "Crypto"]),
        ("Zstd", ["CZstd"]),
        (
            "HostIO",
            [
                "CLinux", "ClusterModel", "FoundationEssentials", "NIOCore", "NIOHTTP1", "NIOPosix",
                "Zstd",
            ]
        ),
        ("Telemetry", ["ClusterModel"]),
        ("Drivers", ["ClusterModel", "FoundationEssentials", "HostIO", "Ports"]),
        ("Fabric", ["ClusterModel", "HostIO", "Ports"]),
        ("Specs", ["ClusterModel", "Simulator", "Wire", "Yams"]),
        (
            "Coordinator",
            [
                "API", "ClusterModel", "ControlCore", "HostIO", "Identity", "Logging", "PlanAudit",
                "Planner", "Ports", "RPC", "Shelf", "Specs", "Store", "Transport", "Wire",
            ]
        ),
        (
            "Agent",
            [
                "API", "ClusterModel", "ControlCore", "Drivers", "Fabric", "HostIO", "Identity",
                "Logging", "Ports", "RPC", "Shelf", "Telemetry", "Transport", "Wire", "Zstd",
            ]
        ),
        (
            "CLI",
            [
                "API", "ArgumentParser", "ClusterModel", "CoreFoundation", "Foundation",
                "FoundationEssentials",
                "Identity", "RPC", "Simulator", "Specs", "Transport", "Wire",
            ]
        ),
        (
            "huddle",
            [
                "Agent", "ArgumentParser", "CLI", "ClusterModel", "Coordinator", "Foundation",
                "Logging", "Specs",
            ]
        ),
        (
            "huddle-bench",
            [
                "API", "ArgumentParser", "CBenchProto", "CProtobufC", "CZlib", "ClusterModel",
                "Coordinator", "Foundation", "FoundationEssentials", "HTTP2", "HostIO", "Identity",
                "Logging", "PlanAudit", "Planner", "RPC", "Specs", "Transport", "Wire",
            ]
        ),
    ]

    /// Targets whose decisions have to be replayable: not even the toolchain's clocks and locks.
    static let pure: Set<String> = [
        "ClusterModel", "Planner", "PlanAudit", "ControlCore", "Simulator",
    ]

    /// Directories that hold C.
    static let foreign: Set<String> = [
        "CBenchProto", "CHuddleProto", "CLinux", "CNghttp2", "CProtobufC", "CZlib", "CZstd",
    ]
}
