/// The formats in which archives are written.
public enum ArchiveFormat: Sendable, CaseIterable {
  /// A tar, with the extensions of POSIX 2001 where a name or a size needs them.
  case tar
  /// A tar compressed as one zstd frame.
  case tarZstd
  /// A zip of members that are not compressed.
  case zip

  /// What the names of such files end in, without the first dot.
  public var fileExtension: String {
    switch self {
    case .tar: return "tar"
    case .tarZstd: return "tar.zst"
    case .zip: return "zip"
    }
  }

  /// The format of a file by its name; nil for other names.
  public init?(fileName: String) {
    let name = fileName.lowercased()
    let format = Self.allCases.first { name.hasSuffix("." + $0.fileExtension) }
    guard let format = format ?? (name.hasSuffix(".tzst") ? .tarZstd : nil) else { return nil }
    self = format
  }
}
