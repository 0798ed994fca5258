// swift-tools-version: 6.2
import PackageDescription

// The rooms and the arrows between them; Sources/README.md is the map, LayoutTests hold it.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A room of the library. `isOptimised` says that its loops are optimised in debug builds too, where
/// tests would otherwise spend most of their time in them.
func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], documents: [String] = [],
  isOptimised: Bool = false
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: documents,
    swiftSettings: strict
      + (isOptimised ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : []))
}

/// The tests of one room.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"],
    swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
}

let package = Package(
  name: "adapterctl",
  products: [
    .executable(name: "adapterctl", targets: ["adapterctl"]),
    .library(
      name: "AdapterKit",
      targets: [
        "Evaluation", "History", "Adapters", "Storage", "Compute", "Parallel", "Tensors",
        "Archives", "Digests", "JSON", "Files",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .executableTarget(
      name: "adapterctl",
      dependencies: [
        "Evaluation", "History", "Storage", "Adapters", "Compute", "Parallel", "Tensors", "Files",
        "JSON", "Digests",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    room(
      "Evaluation", ["Adapters", "Compute", "Parallel", "Tensors", "Digests", "JSON", "Files"],
      isOptimised: true),
    room(
      "History",
      [
        "Storage", "Adapters", "Parallel", "Tensors", "Archives", "Digests", "JSON", "Files",
      ], documents: ["FORMAT.md"]),
    room(
      "Adapters", ["Compute", "Parallel", "Tensors", "Archives", "Digests", "JSON", "Files"],
      documents: ["Residual/RESIDUAL.md"]),
    room(
      "Compute", ["Tensors", "CKernels", "COpenBLAS"], documents: ["NUMERICS.md"], isOptimised: true
    ),
    room(
      "Storage", ["Parallel", "Archives", "Digests", "JSON", "Files", "CKernels"],
      documents: ["FORMAT.md"], isOptimised: true),
    room("Parallel", ["CSystem"]),
    room("Tensors", ["Archives", "Digests", "JSON", "Files"], isOptimised: true),
    room("Archives", ["Files", "CArchive", "CZstd"]),
    room("Digests", ["CKernels", "CCrypto"], isOptimised: true),
    room("JSON", [], isOptimised: true),
    room("Files", ["CSystem"]),
    // Tests run what is released: without it, kernels and what is built on them take ten times as long.
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    .systemLibrary(name: "CSystem"),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

    .executableTarget(
      name: "adapterctl-bench",
      dependencies: [
        "History", "Adapters", "Compute", "Storage", "Parallel", "Tensors", "Digests", "Files",
        "COpenBLAS",
      ],
      path: "Benchmarks",
      exclude: ["peers", "STORE.md", "SPECTRA.md", "scale.py"],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Tensors", "Files", "JSON"], path: "Tests/TestSupport",
      swiftSettings: [.swiftLanguageMode(.v6)]),
    tests("Files", ["Files"]),
    tests("JSON", ["JSON"]),
    tests("Digests", ["Digests"]),
    tests("Archives", ["Archives", "Files"]),
    tests("Tensors", ["Tensors", "Files", "JSON"]),
    tests("Parallel", ["Parallel"]),
    tests("Compute", ["Compute", "Tensors"]),
    tests("Storage", ["Storage", "CKernels", "Parallel", "Digests", "JSON", "Files", "Tensors"]),
    tests("Adapters", ["Adapters", "Compute", "Parallel", "Tensors", "Files", "JSON", "Digests"]),
    tests(
      "Evaluation", ["Evaluation", "Adapters", "Compute", "Parallel", "Tensors", "Files", "JSON"]),
    tests(
      "History",
      [
        "History", "Storage", "Adapters", "Parallel", "Tensors", "Archives", "Digests", "JSON",
        "Files",
      ]),
    tests("EndToEnd", ["History", "Storage", "Adapters", "Digests", "Tensors", "Files", "JSON"]),
    tests("Layout", ["Files"]),
  ]
)
