// swift-tools-version: 6.3
import PackageDescription

/// Every Swift target is built the same way.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableExperimentalFeature("Lifetimes"),  // `@_lifetime`: a lease lends its bytes as a Span
]

let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// The layers, lowest first: each imports only what stands above it in this list.
let layers: [Target] = [
    .target(
        name: "TransferEngine",
        dependencies: ["CCurl", "COpenSSL", "CLZ4", "CZstd", "CISAL", "CZlib", "CLinux", "CSHA256", systemPackage],
        swiftSettings: house
    ),
    .target(
        name: "ObjectStorage",
        dependencies: ["TransferEngine", "CExpat", systemPackage, yams],
        swiftSettings: house
    ),
    .target(
        name: "Cassandra",
        dependencies: ["TransferEngine", systemPackage, subprocess, yams],
        swiftSettings: house
    ),
    .target(
        name: "Vault",
        dependencies: ["ObjectStorage", "TransferEngine", systemPackage],
        swiftSettings: house
    ),
    .target(
        name: "Operations",
        dependencies: ["Vault", "Cassandra", "ObjectStorage", "TransferEngine", "CLinux", systemPackage, logging],
        swiftSettings: house
    ),
    .target(
        name: "Commands",
        dependencies: [
            "Operations", "Vault", "Cassandra", "ObjectStorage", "TransferEngine", "CLinux", systemPackage, logging,
            argumentParser,
            yams,
        ],
        swiftSettings: house
    ),
    .executableTarget(
        name: "ringvault",
        dependencies: ["Commands"],
        swiftSettings: house
    ),
]

/// What Swift cannot call by itself, one folder a library.
let shims: [Target] = [
    .systemLibrary(
        name: "CCurl",
        path: "CShims/CCurl",
        pkgConfig: "libcurl",
        providers: [.apt(["libcurl4-openssl-dev"])]
    ),
    .systemLibrary(
        name: "COpenSSL",
        path: "CShims/COpenSSL",
        pkgConfig: "libcrypto",
        providers: [.apt(["libssl-dev"])]
    ),
    .systemLibrary(name: "CLZ4", path: "CShims/CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CZstd", path: "CShims/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CISAL", path: "CShims/CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
    .systemLibrary(name: "CZlib", path: "CShims/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CExpat", path: "CShims/CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .target(name: "CLinux", path: "CShims/CLinux"),
    .target(name: "CSHA256", path: "CShims/CSHA256"),
]

let tests: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: ["TransferEngine", "ObjectStorage", "Cassandra", "COpenSSL", systemPackage, subprocess],
        path: "Tests/TestSupport",
        swiftSettings: house
    ),
    .testTarget(
        name: "TransferEngineTests",
        dependencies: ["TransferEngine", "TestSupport", systemPackage],
        swiftSettings: house
    ),
    .testTarget(
        name: "ObjectStorageTests",
        dependencies: ["ObjectStorage", "TransferEngine", "TestSupport", systemPackage],
        swiftSettings: house
    ),
    .testTarget(
        name: "CassandraTests",
        dependencies: ["Cassandra", "Operations", "TransferEngine", "TestSupport", systemPackage],
        swiftSettings: house
    ),
    .testTarget(
        name: "VaultTests",
        dependencies: ["Vault", "ObjectStorage", "TransferEngine", "TestSupport", systemPackage],
        swiftSettings: house
    ),
    .testTarget(
        name: "OperationsTests",
        dependencies: [
            "Operations", "Vault", "Cassandra", "ObjectStorage", "TransferEngine", "TestSupport", systemPackage,
            logging,
        ],
        swiftSettings: house
    ),
    .testTarget(
        name: "CommandsTests",
        dependencies: [
            "Commands", "Operations", "Vault", "Cassandra", "ObjectStorage", "TransferEngine", "TestSupport",
            "ringvault", systemPackage, logging, subprocess, argumentParser,
        ],
        swiftSettings: house
    ),
]

let package = Package(
    name: "ringvault",
    products: [
        .executable(name: "ringvault", targets: ["ringvault"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    ],
    targets: shims + layers + tests
)
