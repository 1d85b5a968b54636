// swift-tools-version: 6.3
import PackageDescription

/// As in the package above.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

/// Measures the built program from outside, as a user runs it: nothing of Ringvault's own is linked.
let package = Package(
    name: "Benchmarks",
    dependencies: [.package(url: "https://github.com/apple/swift-system", from: "1.8.0")],
    targets: [
        .systemLibrary(
            name: "CLZ4",
            path: "CShims/CLZ4",
            pkgConfig: "liblz4",
            providers: [.apt(["liblz4-dev"])]
        ),
        .systemLibrary(
            name: "CZlib",
            path: "CShims/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
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
        .testTarget(name: "PlotsTests", dependencies: ["Plots"], swiftSettings: house),
        .executableTarget(
            name: "TransferBenchmarks",
            dependencies: ["CLZ4", "CZlib", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: house
        ),
    ]
)
