/// The rooms of the house and the arrows between them: which room may import which.
///
/// The same table stands in `Package.swift` and, for people, in `Sources/README.md`; the tests hold
/// the three together. It is needed because a transitive import builds even where it is not
/// declared.
enum Rooms {
  /// What each room may import, of rooms and of packages.
  static let arrows: [String: Set<String>] = [
    "adapterctl": [
      "Evaluation", "History", "Storage", "Adapters", "Compute", "Parallel", "Tensors", "Files",
      "JSON",
      "Digests", "ArgumentParser",
    ],
    "History": [
      "Storage", "Adapters", "Parallel", "Tensors", "Archives", "Digests", "JSON", "Files",
    ],
    "Evaluation": ["Adapters", "Compute", "Parallel", "Tensors", "Digests", "JSON", "Files"],
    "Adapters": ["Compute", "Parallel", "Tensors", "Archives", "Digests", "JSON", "Files"],
    "Compute": ["Tensors", "CKernels", "COpenBLAS"],
    "Storage": ["Parallel", "Archives", "Digests", "JSON", "Files", "CKernels"],
    "Parallel": ["CSystem"],
    "Tensors": ["Archives", "Digests", "JSON", "Files"],
    "Archives": ["Files", "CArchive", "CZstd"],
    "Digests": ["CKernels", "CCrypto"],
    "JSON": [],
    "Files": ["CSystem"],
  ]

  /// Rooms in C: headers, kernels and module maps, which import nothing.
  static let c: Set<String> = ["CKernels", "CSystem", "CArchive", "CZstd", "CCrypto", "COpenBLAS"]

  /// What every room may import: the system's C library, and the two small libraries that come
  /// with the language on every platform. Foundation is not among them.
  static let system: Set<String> = ["Glibc", "Dispatch", "Synchronization"]

  /// The only files with `unsafe` code: the file system, the wrappers around C, the door's few
  /// calls of the system.
  static let unsafe: Set<String> = [
    "Archives/ArchiveHandle.swift",
    "Archives/ArchiveSource.swift",
    "Archives/ArchiveWriter.swift",
    "Archives/ZstdCoder.swift",
    "Compute/Conversion.swift",
    "Compute/CorrectionScratch.swift",
    "Compute/Corrections.swift",
    "Compute/Distance.swift",
    "Compute/FactorProduct.swift",
    "Compute/Factorising/GramTriangle.swift",
    "Compute/Factorising/LinearAlgebra+Float.swift",
    "Compute/Factorising/LinearAlgebra+LeadingVectors.swift",
    "Compute/Factorising/LinearAlgebra+SVD.swift",
    "Compute/Factorising/LinearAlgebra+Symmetric.swift",
    "Compute/Factorising/LinearAlgebra.swift",
    "Compute/Factorising/RowReflections.swift",
    "Compute/Factorising/StreamedTriangle.swift",
    "Compute/Forward/ActivationFunction.swift",
    "Compute/Forward/LogLikelihood.swift",
    "Compute/Forward/Normalisation.swift",
    "Compute/Forward/Rotation.swift",
    "Compute/Forward/SinglePrecision.swift",
    "Compute/Forward/Softmax.swift",
    "Compute/Forward/StoredMatrix.swift",
    "Compute/Matrix.swift",
    "Compute/MergeArithmetic.swift",
    "Compute/MergeSums.swift",
    "Compute/SquareSums.swift",
    "Digests/BLAKE3+Hasher.swift",
    "Digests/BLAKE3.swift",
    "Digests/SHA256.swift",
    "Files/Directory.swift",
    "Files/FileLock.swift",
    "Files/FileReader.swift",
    "Files/FileStamp.swift",
    "Files/FileWriter.swift",
    "Files/HeldDirectory.swift",
    "Files/Path+Publishing.swift",
    "Files/StagedDirectory.swift",
    "Storage/Codec/PlaneKernels.swift",
    "adapterctl/Arguments/GlobalOptions.swift",
    "adapterctl/Arguments/Identity.swift",
    "adapterctl/Arguments/Signals.swift",
    "adapterctl/Output/Failure+Files.swift",
    "adapterctl/Output/Pager.swift",
    "adapterctl/Output/Progress.swift",
    "adapterctl/Output/Terminal.swift",
  ]

  /// The only files that may end the process: where C gives no memory there is no way on.
  static let fatal: Set<String> = ["Archives/ZstdCoder.swift", "Digests/SHA256.swift"]
}
