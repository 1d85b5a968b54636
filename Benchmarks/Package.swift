// swift-tools-version: 6.3
import PackageDescription

/// As in the package above.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

func linked(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Ringvault/Sources/\(name)",
        swiftSettings: house + [.enableExperimentalFeature("Lifetimes")]
    )
}

func linked(_ name: String, pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, path: "Ringvault/CShims/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// Ringvault's own targets, by the links in the folder Ringvault.
///
/// Built as part of this package, they show it what they declare as `package`. Nothing there becomes public, and the package
/// above does not know of the benchmark library.
let ringvault: [Target] =
    [
        linked("CCurl", pkgConfig: "libcurl", "libcurl4-openssl-dev"),
        linked("COpenSSL", pkgConfig: "libcrypto", "libssl-dev"),
        linked("CLZ4", pkgConfig: "liblz4", "liblz4-dev"),
        linked("CZstd", pkgConfig: "libzstd", "libzstd-dev"),
        linked("CISAL", pkgConfig: "libisal", "libisal-dev"),
        linked("CZlib", pkgConfig: "zlib", "zlib1g-dev"),
        linked("CExpat", pkgConfig: "expat", "libexpat1-dev"),
        .target(name: "CLinux", path: "Ringvault/CShims/CLinux"),
        .target(name: "CSHA256", path: "Ringvault/CShims/CSHA256"),
        linked(
            "TransferEngine",
            ["CCurl", "COpenSSL", "CLZ4", "CZstd", "CISAL", "CZlib", "CLinux", "CSHA256", systemPackage]
        ),
        linked("ObjectStorage", ["TransferEngine", "CExpat", systemPackage, yams]),
        linked(
            "Cassandra",
            ["TransferEngine", systemPackage, .product(name: "Subprocess", package: "swift-subprocess"), yams]
        ),
        linked("Vault", ["ObjectStorage", "TransferEngine", systemPackage]),
        linked(
            "Operations",
            ["Vault", "Cassandra", "ObjectStorage", "TransferEngine", "CLinux", systemPackage, logging]
        ),
    ]

/// The macro benchmarks measure the built program from outside, as a user runs it.
let package = Package(
    name: "Benchmarks",
    products: [.library(name: "WritableSigsuspend", type: .dynamic, targets: ["WritableSigsuspend"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    ],
    targets: ringvault + [
        .systemLibrary(
            name: "CLZ4Block",
            path: "CShims/CLZ4Block",
            pkgConfig: "liblz4",
            providers: [.apt(["liblz4-dev"])]
        ),
        .target(
            name: "SyntheticSSTables",
            dependencies: ["CLZ4Block", "CZlib", "CISAL", systemPackage],
            swiftSettings: house
        ),
        .executableTarget(
            name: "make-sstables",
            dependencies: ["SyntheticSSTables", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: house
        ),
        .systemLibrary(
            name: "CStages",
            path: "CShims/CStages",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev", "libzstd-dev", "liblz4-dev", "libisal-dev"])]
        ),
        .target(name: "Plots", swiftSettings: house),
        .target(name: "Programs", swiftSettings: house),
        .target(name: "MachineFacts", dependencies: ["Programs"], swiftSettings: house),
        .target(name: "Limits", dependencies: ["Programs"], swiftSettings: house),
        .executableTarget(
            name: "stage-limits",
            dependencies: ["Limits", "CStages"],
            path: "Sources/StageLimits",
            swiftSettings: house
        ),
        .executableTarget(name: "hold-memory"),
        .target(name: "WritableSigsuspend"),
        .target(name: "Profiles", dependencies: ["Programs", "Plots"], swiftSettings: house),
        .executableTarget(
            name: "profile",
            dependencies: ["Profiles", "Programs", "Plots", "Limits", "MachineFacts", "SyntheticSSTables"],
            path: "Sources/ProfileCommand",
            swiftSettings: house
        ),
        .testTarget(name: "ProfilesTests", dependencies: ["Profiles", "Plots"], swiftSettings: house),
        .testTarget(
            name: "ProgramsTests",
            dependencies: ["Programs", "MachineFacts"],
            swiftSettings: house
        ),
        .testTarget(name: "LimitsTests", dependencies: ["Limits"], swiftSettings: house),
        .testTarget(name: "PlotsTests", dependencies: ["Plots"], swiftSettings: house),
        .executableTarget(name: "Launcher"),
        .executableTarget(
            name: "TransferBenchmarks",
            dependencies: [
                "SyntheticSSTables", "Plots", "MachineFacts", "Limits", "Launcher", "stage-limits", "Programs",
                "hold-memory", systemPackage,
            ],
            swiftSettings: house
        ),
        .testTarget(name: "TransferBenchmarksTests", dependencies: ["TransferBenchmarks"], swiftSettings: house),
        .target(name: "CCounters", path: "CShims/CCounters"),
        .target(name: "CLoopback", path: "CShims/CLoopback"),
        .target(
            name: "Stages",
            dependencies: [
                "TransferEngine", "ObjectStorage", "Cassandra", "Vault", "Operations", "SyntheticSSTables", "CCounters",
                "CLoopback", systemPackage, logging,
            ],
            swiftSettings: house
        ),
        .executableTarget(
            name: "run-stage",
            dependencies: ["Stages", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: house
        ),
        .executableTarget(
            name: "StageBenchmarks",
            dependencies: ["Stages", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/StageBenchmarks",
            swiftSettings: house,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
        .testTarget(
            name: "SyntheticSSTablesTests",
            dependencies: ["SyntheticSSTables", "CLZ4Block", "CISAL"],
            swiftSettings: house
        ),
    ]
)
