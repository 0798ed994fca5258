import Digests
import Files
import Foundation
import TestSupport
import Testing

/// Commands that are killed, or refused, at each call that changes the disk.
@Suite(.enabled(if: Tracing.isPossible)) struct StoreFaultTests {
  /// What a repository and its working tree are, before or after a command.
  struct State: Equatable {
    let refs: [String: String]?
    /// What is in each file.
    let files: [String: Digest]

    init(_ work: Path) throws {
      refs = StoreSession.refs(work)
      files = try StoreSession.files(work).mapValues { BLAKE3.digest(of: $0) }
    }
  }

  private let session: StoreSession
  private var folder: Path { session.program.folder.path }
  private var work: Path { session.work }
  private var tracing: Tracing { Tracing(folder: folder) }

  init() throws { session = try StoreSession() }

  /// Gives the working tree back as it was prepared.
  private func reset(_ scenario: StoreScenario) throws {
    try work.removeTree()
    if let output = scenario.output { try folder.appending(output).removeTree() }
    try FileManager.default.copyItem(
      atPath: folder.appending("prepared").text, toPath: work.text)
  }

  /// The states before and after, and the calls in between.
  private func prepare(
    _ scenario: StoreScenario, tracing set: String
  ) throws -> (before: State, after: State, whole: Tracing.Outcome) {
    try scenario.prepare(session)
    try work.rename(over: folder.appending("prepared"))
    try reset(scenario)
    let before = try State(work)
    let whole = try tracing.run(scenario, tracing: set)
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
  private func runAgain(_ scenario: StoreScenario, _ state: State, after: State, _ what: String)
    throws
  {
    if state.refs != after.refs {
      for name in scenario.made { try folder.appending(name).removeTree() }
    }
    let again = try session.program.run(
      scenario.arguments, environment: scenario.environment)
    // What was done already is nothing to do, or is there already.
    #expect(
      again.code == 0 || state.refs == after.refs && [1, 64].contains(again.code),
      "\(what): \(again.errors)")
    #expect(try State(work) == after, "\(what)")
    #expect(StoreSession.problems(work) == [], "\(what)")
  }

  @Test(arguments: StoreScenario.allCases)
  func `a kill at any change leaves the state before or after`(scenario: StoreScenario) throws {
    let set = Tracing.changing
    let (before, after, whole) = try prepare(scenario, tracing: set)
    #expect(whole.calls.count >= 5)
    for point in points(of: whole.calls.indices, 4, scenario) {
      try reset(scenario)
      let outcome = try tracing.run(
        scenario, tracing: set, fault: whole.fault("signal=SIGKILL", at: point))
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

  /// All calls, or in CI some from the first ones to the last ones.
  private func points(
    of all: some Collection<Int>, _ count: Int, _ scenario: StoreScenario
  ) -> [Int] {
    let all = Array(all)
    if StoreSession.slow || all.count <= count { return all }
    let step = all.count / count
    // Commands share most of their calls: each starts at another one.
    let number = StoreScenario.allCases.firstIndex(of: scenario) ?? 0
    return stride(from: number % step, to: all.count, by: step).map { all[$0] }
  }

  @Test(arguments: StoreScenario.allCases)
  func `a refused change is a clean error`(scenario: StoreScenario) throws {
    let (before, after, whole) = try prepare(scenario, tracing: Tracing.changing)
    let errors = ["ENOSPC", "EIO", "EDQUOT", "EINTR"]
    for (number, point) in points(of: whole.calls.indices, 5, scenario).enumerated() {
      for error in StoreSession.slow ? errors : [errors[number % errors.count]] {
        try refuse(scenario, tracing: Tracing.changing, at: point, error, whole, before, after)
      }
    }
  }

  @Test(arguments: StoreScenario.allCases)
  func `a file that cannot be opened is a clean error`(scenario: StoreScenario) throws {
    let (before, after, whole) = try prepare(scenario, tracing: "openat")
    // Those of the loader are not ours.
    let points = whole.calls.indices.filter { whole.calls[$0].contains(work.text) }
    for point in self.points(of: points, 3, scenario) {
      try refuse(scenario, tracing: "openat", at: point, "EMFILE", whole, before, after)
    }
  }

  private func refuse(
    _ scenario: StoreScenario, tracing set: String, at point: Int, _ error: String,
    _ whole: Tracing.Outcome, _ before: State, _ after: State
  ) throws {
    try reset(scenario)
    let call = whole.calls[point]
    let outcome = try tracing.run(
      scenario, tracing: set, fault: whole.fault("error=\(error)", at: point))
    let what = "\(scenario), \(error) at \(point): \(call): \(outcome.errors)"
    // What is said of the adapter comes before anything is written.
    let errors = outcome.errors.split(separator: "\n")
      .drop { $0.hasPrefix("warning: The base that math") }.joined(separator: "\n")
    let state = try State(work)
    #expect(!outcome.wasKilled && outcome.code != 70, "\(what)")
    if outcome.code == 0 {
      // Something that may fail: a file left over, a cache.
      #expect(state == after || errors.hasPrefix("warning: The merge"), "\(what)")
    } else {
      #expect(errors.hasPrefix("error: "), "\(what)")
      #expect(isBetween(state, before, after), "\(what)")
      // What a commit has changed is read after it was made, to be shown.
      let isUnknown =
        outcome.errors.contains("not confirmed")
        || (set == "openat" || scenario.goesOn) && state == after
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
