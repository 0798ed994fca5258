import Files
import Foundation
import TestSupport
import Testing

/// Commands that are killed, or refused, at each call that changes the disk.
@Suite(.serialized, .enabled(if: Tracing.isPossible)) struct StoreFaultTests {
  /// A command and what comes before it.
  enum Scenario: String, CaseIterable, Sendable {
    case initialise, add, commit, commitPath, switchBranch, restore, tag, gc, repack

    var arguments: [String] {
      switch self {
      case .initialise: ["-C", "work", "init"]
      case .add: ["-C", "work", "add", "math", "--threads", "1"]
      case .commit: ["-C", "work", "commit", "-m", "second"]
      case .commitPath: ["-C", "work", "commit", "-m", "second", "math", "--threads", "1"]
      case .switchBranch: ["-C", "work", "switch", "old", "--threads", "1"]
      case .restore: ["-C", "work", "restore", ".", "--threads", "1"]
      case .tag: ["-C", "work", "tag", "v1", "-m", "first"]
      case .gc: ["-C", "work", "gc"]
      case .repack: ["-C", "work", "repack"]
      }
    }

    var command: String { arguments[2] }

    func prepare(_ session: StoreSession) throws {
      guard self != .initialise else { return try session.work.removeTreeAndMake() }
      try session.take(step: 150, as: "math")
      for arguments in [["add", "math"], ["commit", "-m", "first"], ["switch", "-c", "old"]] {
        #expect(try session.run(arguments).code == 0)
      }
      try session.take(step: 300, as: "math")
      switch self {
      case .add, .commitPath, .initialise, .restore: break
      case .commit: #expect(try session.run(["add", "math"]).code == 0)
      case .switchBranch, .tag, .gc, .repack:
        for arguments in [["switch", "-c", "new"], ["commit", "-am", "second"]] {
          #expect(try session.run(arguments).code == 0)
        }
      }
    }
  }

  /// What a repository and its working tree are, before or after a command.
  struct State: Equatable {
    let refs: [String: String]?
    let files: [String: [UInt8]]

    init(_ work: Path) throws {
      refs = StoreSession.refs(work)
      files = try StoreSession.files(work)
    }
  }

  private let session: StoreSession
  private var folder: Path { session.program.folder.path }
  private var work: Path { session.work }
  private var tracing: Tracing { Tracing(folder: folder) }

  init() throws { session = try StoreSession() }

  /// Gives the working tree back as it was prepared.
  private func reset() throws {
    try work.removeTree()
    try FileManager.default.copyItem(
      atPath: folder.appending("prepared").text, toPath: work.text)
  }

  /// The states before and after, and the calls in between; nil where the command is not there.
  private func prepare(
    _ scenario: Scenario, tracing set: String
  ) throws -> (before: State, after: State, whole: Tracing.Outcome)? {
    guard try session.has(scenario.command) else { return nil }
    try scenario.prepare(session)
    try work.rename(over: folder.appending("prepared"))
    try reset()
    let before = try State(work)
    let whole = try tracing.run(scenario.arguments, tracing: set)
    #expect(whole.code == 0, "\(whole.errors)")
    let after = try State(work)
    #expect(StoreSession.leftovers(work) == [])
    return (before, after, whole)
  }

  /// Each file is as before or as after, whole.
  private func isBetween(_ state: State, _ before: State, _ after: State) -> Bool {
    let names = Set(before.files.keys).union(after.files.keys).union(state.files.keys)
    return (state.refs == before.refs || state.refs == after.refs)
      && names.allSatisfy {
        let bytes = state.files[$0]
        return bytes == before.files[$0] || bytes == after.files[$0] || bytes == nil
      }
  }

  /// The command once more, undisturbed: it ends where it was to end.
  private func runAgain(_ scenario: Scenario, _ state: State, after: State, _ what: String) throws {
    let again = try session.program.run(
      scenario.arguments, environment: StoreSession.environment)
    // What was done already is nothing to do, or is there already.
    #expect(
      again.code == 0 || state.refs == after.refs && [1, 64].contains(again.code),
      "\(what): \(again.errors)")
    #expect(try State(work) == after, "\(what)")
    #expect(StoreSession.problems(work) == [], "\(what)")
  }

  @Test(arguments: Scenario.allCases)
  func `a kill at any change leaves the state before or after`(scenario: Scenario) throws {
    let set = Tracing.changing
    guard let (before, after, whole) = try prepare(scenario, tracing: set) else { return }
    #expect(whole.calls.count >= 5)
    for point in points(of: whole, 5) {
      try reset()
      let outcome = try tracing.run(
        scenario.arguments, tracing: set, fault: whole.fault("signal=SIGKILL", at: point))
      let what = "\(scenario) killed at \(point): \(whole.calls[point])"
      #expect(outcome.wasKilled, "\(what)")
      let state = try State(work)
      #expect(isBetween(state, before, after), "\(what)")
      if outcome.code == 0 && !outcome.wasKilled || !outcome.output.isEmpty {
        #expect(state == after, "\(what)")
      }
      if scenario != .initialise || state.refs != nil {
        #expect(StoreSession.problems(work) == [], "\(what)")
      }
      try runAgain(scenario, state, after: after, what)
    }
  }

  /// All calls, or in CI some from first to last.
  private func points(of whole: Tracing.Outcome, _ count: Int) -> [Int] {
    if StoreSession.slow { return Array(whole.calls.indices) }
    return Array(stride(from: 0, to: whole.calls.count, by: max(1, whole.calls.count / count)))
  }

  @Test(arguments: Scenario.allCases)
  func `a refused change is a clean error`(scenario: Scenario) throws {
    guard let (before, after, whole) = try prepare(scenario, tracing: Tracing.changing) else {
      return
    }
    let errors = ["ENOSPC", "EIO", "EDQUOT", "EINTR"]
    for (number, point) in points(of: whole, 9).enumerated() {
      for error in StoreSession.slow ? errors : [errors[number % errors.count]] {
        try refuse(scenario, tracing: Tracing.changing, at: point, error, whole, before, after)
      }
    }
  }

  @Test(arguments: Scenario.allCases)
  func `a file that cannot be opened is a clean error`(scenario: Scenario) throws {
    guard let (before, after, whole) = try prepare(scenario, tracing: "openat") else { return }
    // Those of the loader are not ours.
    let points = whole.calls.indices.filter { whole.calls[$0].contains(work.text) }
    for (number, point) in points.enumerated() where StoreSession.slow || number % 6 == 2 {
      try refuse(scenario, tracing: "openat", at: point, "EMFILE", whole, before, after)
    }
  }

  private func refuse(
    _ scenario: Scenario, tracing set: String, at point: Int, _ error: String,
    _ whole: Tracing.Outcome, _ before: State, _ after: State
  ) throws {
    try reset()
    let call = whole.calls[point]
    let outcome = try tracing.run(
      scenario.arguments, tracing: set, fault: whole.fault("error=\(error)", at: point))
    let what = "\(scenario), \(error) at \(point): \(call): \(outcome.errors)"
    let state = try State(work)
    #expect(!outcome.wasKilled && outcome.code != 70, "\(what)")
    if outcome.code == 0 {
      // Something that may fail: a file left over, a cache.
      #expect(state == after, "\(what)")
    } else {
      #expect(outcome.errors.hasPrefix("error: "), "\(what)")
      #expect(isBetween(state, before, after), "\(what)")
      // What a commit has changed is read after it was made, to be shown.
      let isUnknown = outcome.errors.contains("not confirmed") || set == "openat" && state == after
      #expect(!outcome.errors.contains("missing"), "\(what)")
      #expect(isUnknown || state.refs == before.refs, "\(what)")
    }
    // Where the fault is in tidying up, gc will do it.
    let tidies =
      ["unlink", "rmdir"].contains(where: call.hasPrefix) || call.contains("O_DIRECTORY")
    if !tidies {
      #expect(StoreSession.leftovers(work) == [], "\(what)")
    }
    // A file whose sync failed is given up: its pages may be gone, and a second sync would succeed.
    if call.hasPrefix("fsync"), let path = Self.path(outcome.calls[point]) {
      let later = outcome.calls[(point + 1)...].filter { $0.hasPrefix("fsync") }
      #expect(later.allSatisfy { Self.path($0) != path }, "\(what)")
    }
    if scenario != .initialise || state.refs != nil {
      #expect(StoreSession.problems(work) == [], "\(what)")
    }
    try runAgain(scenario, state, after: after, what)
  }

  /// The path of `fsync(8</path>)`.
  private static func path(_ call: String) -> Substring? {
    guard let start = call.firstIndex(of: "<"), let end = call.firstIndex(of: ">") else {
      return nil
    }
    return call[start..<end]
  }
}

extension Path {
  /// An empty directory here, whatever was there.
  fileprivate func removeTreeAndMake() throws {
    try removeTree()
    try createDirectories()
  }
}
