internal import Digests
internal import Files
internal import History
internal import Storage
internal import Synchronization

/// Says of revisions that could mean several things what was taken: each once in a command.
enum AmbiguityWarnings {
  private static let state = Mutex<(isQuiet: Bool, said: Set<AmbiguousName>)>((false, []))

  /// Says nothing from now on.
  static func silence() { state.withLock { $0.isQuiet = true } }

  /// Warns of a name, unless that was done or is not wanted.
  static func say(_ name: AmbiguousName) {
    let isNew = state.withLock { !$0.isQuiet && $0.said.insert(name).inserted }
    if isNew { Terminal.writeError("warning: " + Terminal.escaped(sentence(name))) }
  }

  /// What was taken, what was not, and how to name that.
  static func sentence(_ name: AmbiguousName) -> String {
    let others = name.others.prefix(3).map(words).joined(separator: " and ")
    var text = "\"\(name.text)\" is ambiguous: \(words(name.taken)) is taken, not \(others)."
    let refs = name.others.compactMap { meaning -> String? in
      if case .ref(let ref, _) = meaning { ref.unambiguous } else { nil }
    }
    if !refs.isEmpty { text += " Write \(refs.joined(separator: " or ")) for the other." }
    return text
  }

  private static func words(_ meaning: AmbiguousName.Meaning) -> String {
    switch meaning {
    case .object(let id): return "the object \(id.digest.short)"
    case .ref(let name, let id):
      let prefixes = RefName.prefixes
      let kind =
        name.text.hasPrefix(prefixes.tags)
        ? "the tag" : name.text.hasPrefix(prefixes.branches) ? "the branch" : "the ref \(name)"
      return kind + (id.map { " (\($0.digest.short))" } ?? "")
    }
  }
}

extension Repository {
  /// The repository around the current directory; of revisions that could mean several things the user
  /// hears.
  static func here() throws(HistoryError) -> Repository {
    try Repository(
      around: Path("."), temporary: Path(Environment["TMPDIR"] ?? "/tmp"),
      noticing: AmbiguityWarnings.say)
  }
}
