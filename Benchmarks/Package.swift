// swift-tools-version: 6.3
import PackageDescription

/// As in the package above.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

/// The macro benchmarks measure the built program from outside, as a user runs it.
let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLZ4Block",
            path: "CShims/CLZ4Block",
            pkgConfig: "liblz4",
            providers: [.apt(["liblz4-dev"])]
        ),
        .systemLibrary(
            name: "CZlib",
            path: "Ringvault/CShims/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .systemLibrary(
            name: "CISAL",
            path: "Ringvault/CShims/CISAL",
            pkgConfig: "libisal",
            providers: [.apt(["libisal-dev"])]
        ),
        .target(
            name: "SyntheticSSTables",
            dependencies: ["CLZ4Block", "CZlib", "CISAL", .product(name: "SystemPackage", package: "swift-system")],
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
        .target(name: "Profiles", dependencies: ["Programs", "Plots"], swiftSettings: house),
        .executableTarget(
            name: "profile",
            dependencies: ["Profiles", "Programs", "Plots", "Limits", "MachineFacts", "SyntheticSSTables"],
            path: "Sources/ProfileCommand",
            swiftSettings: house
        ),
        .testTarget(name: "ProfilesTests", dependencies: ["Profiles", "Plots"], swiftSettings: house),
        .testTarget(name: "LimitsTests", dependencies: ["Limits"], swiftSettings: house),
        .testTarget(name: "PlotsTests", dependencies: ["Plots"], swiftSettings: house),
        .executableTarget(name: "Launcher"),
        .executableTarget(
            name: "TransferBenchmarks",
            dependencies: [
                "SyntheticSSTables", "Plots", "MachineFacts", "Limits", "Launcher", "stage-limits",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: house
        ),
    ]
)
