import Files
import TestSupport
import Testing

/// A command that changes a repository, and what comes before it.
enum StoreScenario: String, CaseIterable, Sendable {
  case initialise, add, commit, commitPath, switchBranch, restore, tag, gc, gcPrune, undo
  case baseAdd, merge, importArchive, unbundle

  private static let lab = "../fixtures/lab"

  var arguments: [String] {
    let words =
      switch self {
      case .initialise: "init"
      case .add: "add math --threads 1"
      case .commit: "commit -m second"
      case .commitPath: "commit -m second math --threads 1"
      case .switchBranch: "switch old --threads 1"
      case .restore: "restore . --threads 1"
      case .tag: "tag v1 -m first"
      case .gc: "gc"
      case .gcPrune: "gc --prune=now"
      // Named: undone once more, it would be done.
      case .undo: "undo 6"
      case .baseAdd: "base add \(Self.lab)/base --name lab --store --threads 1"
      case .merge: "merge math --base \(Self.lab)/base -o ../merged --threads 1"
      case .importArchive: "import ../math.tar.zst --as taken -m taken --threads 1"
      case .unbundle: "bundle unbundle ../all.bundle"
      }
    return ["-C", "work"] + words.split(separator: " ").map(String.init)
  }

  /// The moment the command runs at: gc has something to delete only when the log has let go of it.
  var environment: [String: String] {
    guard self == .gcPrune else { return StoreSession.environment }
    return StoreSession.environment.merging(["ADAPTERCTL_TIME": "1820000000"]) { $1 }
  }

  /// What is outside of the working tree, and is made by the command alone.
  var output: String? { self == .merge ? "merged" : nil }

  /// What a person removes who runs the command again after it was killed: it never replaces a folder.
  var made: [String] {
    switch self {
    case .merge: ["merged"]
    case .importArchive: ["work/taken"]
    default: []
    }
  }

  /// Whether something follows the step that counts, and an error may be about that: where a base is
  /// is written down after it is registered, for this copy of the repository alone.
  var goesOn: Bool { self == .baseAdd }

  func prepare(_ session: StoreSession) throws {
    if self == .initialise {
      try session.work.removeTree()
      try session.work.createDirectories()
      return
    }
    func run(_ commands: String...) throws {
      for command in commands {
        let outcome = try session.run(command.split(separator: " ").map(String.init))
        #expect(outcome.code == 0, "\(command): \(outcome.errors)")
      }
    }
    try session.take(step: 150, as: "math")
    try run("add math", "commit -m first", "switch -c old")
    try session.take(step: 300, as: "math")
    switch self {
    case .add, .baseAdd, .commitPath, .initialise, .merge, .restore: break
    case .commit: try run("add math")
    case .switchBranch, .tag, .gc, .undo: try run("switch -c new", "commit -am second")
    case .gcPrune:
      try run("switch -c new", "commit -am second", "switch old", "branch -D new")
    case .importArchive: try run("export old:math -o ../math.tar.zst")
    case .unbundle:
      try run("switch -c new", "commit -am second", "bundle create ../all.bundle --all")
      try session.work.removeTree()
      #expect(try session.program.run(["init", "work"], environment: environment).code == 0)
    }
  }
}
