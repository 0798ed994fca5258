public import Storage

/// The smallest things of a snapshot that can change by themselves: the tensors in its files, and the
/// files that hold none.
public struct SnapshotParts: Hashable, Sendable {
  /// What a part is.
  public enum Part: Hashable, Sendable {
    /// A tensor, by its name and the path of its file below the snapshot's.
    case tensor(String, file: String)
    /// A file without tensors, by its path below the snapshot's; `""` for the snapshot itself.
    case file(String)
  }

  /// The ids of the contents, by part.
  public let contents: [Part: ObjectID]

  /// Tensors by their names alone, for comparisons in which the file does not matter: a tensor that
  /// moves to another file, or to another format, stays what it is.
  private let tensors: [String: Set<ObjectID>]

  /// The parts of nothing.
  public static let none = SnapshotParts([:])

  init(_ contents: [Part: ObjectID]) {
    self.contents = contents
    var tensors: [String: Set<ObjectID>] = [:]
    for (part, id) in contents {
      if case .tensor(let name, _) = part { tensors[name, default: []].insert(id) }
    }
    self.tensors = tensors
  }

  /// Whether a part with the same content is here.
  public func has(_ part: Part, _ content: ObjectID) -> Bool {
    switch part {
    case .tensor(let name, _): tensors[name]?.contains(content) == true
    case .file: contents[part] == content
    }
  }

  /// Whether a part of the name is here, with whatever content.
  public func has(_ part: Part) -> Bool {
    switch part {
    case .tensor(let name, _): tensors[name] != nil
    case .file: contents[part] != nil
    }
  }
}

extension Repository {
  /// The parts of a snapshot; of none where there is none.
  public func parts(of snapshot: ObjectID?) throws(HistoryError) -> SnapshotParts {
    guard let snapshot else { return .none }
    var contents: [SnapshotParts.Part: ObjectID] = [:]
    for (path, file) in try read(Snapshot.self, snapshot).files {
      let tensors = try read(FileRecord.self, file.file).tensors
      if tensors.isEmpty { contents[.file(path)] = file.file }
      for (name, id) in tensors { contents[.tensor(name, file: path)] = id }
    }
    return SnapshotParts(contents)
  }
}
