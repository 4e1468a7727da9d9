// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Where memory is ours to get wrong, every unsafe expression is marked.
let strictMemory: [SwiftSetting] = strict + [.strictMemorySafety()]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func system(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "huddle",
    products: [
        .executable(name: "huddle", targets: ["huddle"]),
        .executable(name: "huddle-bench", targets: ["huddle-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // Decisions: no clock, socket, log or random number that was not handed to them.
        library("ClusterModel"),
        library("Planner", ["ClusterModel"]),
        library("PlanAudit", ["ClusterModel"]),
        library("ControlCore", ["ClusterModel"]),
        library("Ports", ["ClusterModel"]),
        library("Simulator", ["ClusterModel", "ControlCore", "PlanAudit", "Planner"]),

        // The wire.
        system("CNghttp2", "libnghttp2", "libnghttp2-dev"),
        system("CProtobufC", "libprotobuf-c", "libprotobuf-c-dev"),
        system("CZlib", "zlib", "zlib1g-dev"),
        system("CZstd", "libzstd", "libzstd-dev"),
        .target(name: "CHuddleProto", dependencies: ["CProtobufC"]),
        library("HTTP2", ["CNghttp2"], settings: strictMemory),
        library("RPC", ["HTTP2", "CZlib"], settings: strictMemory),
        library("Transport", ["HTTP2", "RPC", nioTLS, nioSSL] + nio),
        library("Wire", ["ClusterModel", "CHuddleProto", "CProtobufC"]),
        library("API", ["ClusterModel", "RPC", "Transport", "Wire"]),

        // The outside world, one kind of it each.
        library("Identity", ["ClusterModel", x509, asn1, crypto]),
        library("Store", ["ClusterModel", "Ports", grdb]),
        library("Shelf", ["ClusterModel", crypto]),
        library("Zstd", ["CZstd"], settings: strictMemory),
        .systemLibrary(name: "CLinux"),
        library("HostIO", ["CLinux", "ClusterModel", "Zstd", nioHTTP1] + nio),
        library("Telemetry", ["ClusterModel"]),
        library("Drivers", ["ClusterModel", "Ports", "HostIO"]),
        library("Fabric", ["ClusterModel", "Ports", "HostIO"]),
        library("Specs", ["ClusterModel", "Simulator", "Wire", yams]),

        // The services and the commands.
        library(
            "Coordinator",
            [
                "API", "ClusterModel", "ControlCore", "HostIO", "Identity", "PlanAudit", "Planner",
                "Ports",
                "RPC", "Shelf", "Specs", "Store", "Transport", "Wire", logging,
            ]),
        library(
            "Agent",
            [
                "API", "ClusterModel", "ControlCore", "Drivers", "Fabric", "HostIO", "Identity",
                "Ports", "RPC", "Shelf", "Telemetry", "Transport", "Wire", "Zstd", logging,
            ]),
        library(
            "CLI",
            [
                "API", "ClusterModel", "Identity", "RPC", "Simulator", "Specs", "Transport", "Wire",
                arguments,
            ]),
        .executableTarget(
            name: "huddle",
            dependencies: [
                "Agent", "CLI", "ClusterModel", "Coordinator", "Specs", arguments, logging,
            ],
            swiftSettings: strict),

        // Measurements, with messages of their own.
        .target(name: "CBenchProto", dependencies: ["CProtobufC"]),
        .executableTarget(
            name: "huddle-bench",
            dependencies: [
                "API", "CBenchProto", "CProtobufC", "CZlib", "ClusterModel", "Coordinator",
                "HTTP2", "HostIO", "Identity", "PlanAudit", "Planner", "RPC", "Specs", "Transport",
                "Wire", arguments, logging,
            ],
            swiftSettings: strict),

        tests("APITests", ["API", "ClusterModel", "RPC", "Transport", "Wire"]),
        tests("BenchTests", ["Planner", "huddle-bench"]),
        tests(
            "CLITests",
            [
                "CLI", "ClusterModel", "ControlCore", "HostIO", "Identity", "RPC", "Simulator",
                "Specs", "Transport", "Wire",
            ],
            exclude: ["Golden"]),
        tests(
            "CoordinatorTests",
            [
                "API", "Agent", "CLI", "ClusterModel", "Coordinator", "Drivers", "HostIO",
                "Identity", "RPC", "Specs", "Transport", "Wire", logging,
            ],
            exclude: ["inspection_client.py"]),
        tests(
            "ControlCoreTests",
            ["ClusterModel", "ControlCore", "PlanAudit", "Planner", "Simulator"],
            exclude: ["Scripts"]),
        tests(
            "DriversTests", ["ClusterModel", "Drivers", "HostIO", "Ports", "Zstd"],
            exclude: ["podman_unpack.py"]),
        tests("FabricTests", ["ClusterModel", "Fabric", "HostIO", "Ports"]),
        // What scripts/fuzz throws bytes at; the tests replay what it kept.
        .target(
            name: "FuzzTargets", dependencies: ["ClusterModel", "HTTP2", "RPC", "Wire", "Zstd"],
            path: "Tests/FuzzTargets", exclude: ["Corpus"], swiftSettings: strict),
        tests("FuzzTests", ["ClusterModel", "FuzzTargets"]),
        tests("HTTP2Tests", ["HTTP2"], exclude: ["hpack_vectors.py"]),
        tests("HostIOTests", ["ClusterModel", "HostIO"] + nio),
        tests("IdentityTests", ["ClusterModel", "Identity"]),
        tests("LabTests", [], exclude: ["foreign_client.py", "bad_peer.py", "dirty_pages.py"]),
        tests("PlanAuditTests", ["ClusterModel", "PlanAudit", "Planner"]),
        tests("PlannerTests", ["ClusterModel", "PlanAudit", "Planner"], exclude: ["Scripts"]),
        tests("RPCTests", ["CZlib", "HTTP2", "RPC"]),
        tests("ShelfTests", ["ClusterModel", "Shelf"]),
        tests("SimulatorTests", ["ClusterModel", "ControlCore", "Planner", "Simulator"]),
        tests("SpecsTests", ["ClusterModel", "Simulator", "Specs"]),
        tests("StoreTests", ["ClusterModel", "Ports", "Store"]),
        tests("TelemetryTests", ["ClusterModel", "Telemetry"], exclude: ["Captured"]),
        tests("TidyTests", []),
        .target(name: "CInteropProto", dependencies: ["CProtobufC"], path: "Tests/CInteropProto"),
        tests(
            "TransportTests",
            ["CInteropProto", "CProtobufC", "HTTP2", "HostIO", "RPC", "Transport"],
            exclude: [
                "Interop/proto", "Interop/client.py", "Interop/server.py",
                "Interop/stage_client.py", "Interop/stubs.py", "Interop/tap.py",
                "Attacks/attacker.py", "Attacks/attacks.py",
            ]),
        tests("ZstdTests", ["CZstd", "ClusterModel", "Zstd"]),
        tests(
            "WireTests", ["CHuddleProto", "CProtobufC", "ClusterModel", "FuzzTargets", "Wire"],
            exclude: ["golden.py", "golden.txt"]),
    ]
)
