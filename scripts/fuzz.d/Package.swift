// swift-tools-version: 6.2
import PackageDescription

// The targets at the border to C, once more, for libFuzzer: apart from the project's own package, so that no other build
// has anything to do with it. scripts/fuzz builds it with sanitizers and links each library with libFuzzer's `main`.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func entry(_ name: String) -> Target {
    .target(
        name: name, dependencies: ["FuzzTargets"], path: "Entries/\(name)", swiftSettings: strict)
}

func system(_ name: String, _ pkgConfig: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig)
}

let entries = ["Expansion", "Frames", "Framing", "Messages"]

let package = Package(
    name: "huddle",
    products: entries.map { .library(name: "fuzz\($0)", type: .static, targets: [$0]) },
    targets: [
        library("ClusterModel"),
        system("CNghttp2", "libnghttp2"),
        system("CProtobufC", "libprotobuf-c"),
        system("CZlib", "zlib"),
        system("CZstd", "libzstd"),
        .target(name: "CHuddleProto", dependencies: ["CProtobufC"]),
        library("HTTP2", ["CNghttp2"]),
        library("RPC", ["HTTP2", "CZlib"]),
        library("Wire", ["ClusterModel", "CHuddleProto", "CProtobufC"]),
        library("Zstd", ["CZstd"]),
        .target(
            name: "FuzzTargets", dependencies: ["ClusterModel", "HTTP2", "RPC", "Wire", "Zstd"],
            path: "Tests/FuzzTargets", exclude: ["Corpus"], swiftSettings: strict),
    ] + entries.map(entry)
)
