internal import Adapters
public import Files

/// What was found at a path of the working tree, and the files of it that a snapshot takes.
public struct Found: Sendable {
  /// A file of it.
  public struct File: Hashable, Sendable {
    /// The path below the snapshot's; `""` for the file itself.
    public let name: String
    /// Where it is.
    public let path: Path
    /// Its size when it was found.
    public let byteCount: Int
    /// False for a link, a device and whatever else no snapshot can hold.
    var isRegular = true
  }

  /// Where it is tracked.
  public let path: TrackedPath
  /// Where it is in the file system.
  public let place: Path
  /// What it is.
  public let content: Snapshot.Content
  /// The layout's name.
  public let format: String
  /// The training method's name.
  public let method: String?
  /// What its own configuration says of its base.
  public let declaredBase: String?
  /// The files, sorted by name.
  public let files: [File]
  /// Things a user should know, as whole sentences.
  public let notes: [String]

  /// The same, to be tracked elsewhere.
  func tracked(at path: TrackedPath) -> Found {
    Found(
      path: path, place: place, content: content, format: format, method: method,
      declaredBase: declaredBase, files: files, notes: notes)
  }

  /// The bytes of all files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
}

/// What recognising says, as a snapshot keeps it.
struct Recognised {
  let content: Snapshot.Content
  let format: String
  var method: String?
  var declaredBase: String?

  /// What a recognition says; nil where it is nothing that is kept by itself.
  init?(_ recognition: AdapterRecognition) {
    switch recognition {
    case .adapter(let format, let method, let base):
      content = .adapter
      self.format = format.rawValue
      self.method = method.rawValue
      declaredBase = base
    case .foreignAdapter(let layout, _, let base):
      content = .adapter
      // `peft: loha` is PEFT's layout of another method.
      let parts = layout.split(separator: ":", maxSplits: 1)
      format = String(parts[0])
      method = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : nil
      declaredBase = base
    case .checkpoint, .mergedModel:
      content = .checkpoint
      format = "checkpoint"
    case .unreadable, .other: return nil
    }
  }
}
