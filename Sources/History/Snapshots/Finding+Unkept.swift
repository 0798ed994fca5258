extension Finding {
  /// What is done with what is found, and so what becomes of that which no snapshot can hold.
  public enum Purpose: Sendable {
    /// The user named it to be stored: it is refused whole.
    case naming
    /// What is tracked is stored again: names that cannot be tracked are passed over, for they never
    /// were; links and the like are refused.
    case following
    /// Nothing is stored: such names are passed over, links and the like are files that differ.
    case looking
  }

  /// Something whose name cannot be tracked.
  public struct Unkept: Hashable, Sendable {
    /// Where it is, below the top.
    public let path: String
    /// The rule that its name breaks, as the end of a sentence.
    public let rule: String

    /// Whether it is `other` or lies below it; everything lies below the empty path.
    func isWithin(_ other: String) -> Bool {
      other.isEmpty || path.utf8.elementsEqual(other.utf8)
        || path.utf8.starts(with: (other + "/").utf8)
    }
  }

  /// Leaves out what no snapshot can hold, and says so.
  mutating func passOver(_ path: String, _ rule: String) {
    notes.append("\(path) is passed over: it \(rule).")
    unkept.append(Unkept(path: path, rule: rule))
  }

  /// Takes out, or refuses, names that Unicode calls equal to others: they would be one key of a
  /// snapshot. One that is tracked stays.
  mutating func removeTwins(
    of path: TrackedPath, from files: inout [Found.File]
  ) throws(HistoryError) {
    guard Set(files.map(\.name)).count < files.count else { return }
    let rule = "differs from another one in its Unicode form alone"
    let tracked = Set(try trackedNames(path).map { Array($0.utf8) })
    // The tracked ones first, so that it is the others that come second.
    var seen: Set<String> = []
    let order =
      files.filter { tracked.contains(Array($0.name.utf8)) }
      + files.filter { !tracked.contains(Array($0.name.utf8)) }
    files = []
    for file in order {
      if seen.insert(file.name).inserted {
        files.append(file)
      } else {
        guard purpose == .following else {
          throw .invalidPath(path.text + "/" + file.name, rule: rule)
        }
        passOver(path.text + "/" + file.name, rule)
      }
    }
  }
}
