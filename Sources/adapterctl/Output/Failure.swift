internal import ArgumentParser
internal import Glibc
internal import JSON

/// The exit codes of CLI.md.
enum ExitStatus: Int32 {
  case success = 0
  case negative = 1
  case partial = 3
  case evaluation = 4
  case noRepository = 10
  case locked = 11
  case wrongBase = 12
  case unmatched = 13
  case budget = 14
  case integrity = 15
  case usage = 64
  case bug = 70
  case undecided = 125
  case interrupted = 130
}

/// Why a command ends without success: one sentence, a hint at what to do next, an exit code.
struct Failure: Error {
  let code: ExitStatus
  /// A word for scripts, the same for the same reason.
  let kind: String
  /// A sentence that names the file, the tensor and the broken rule.
  let message: String
  let hint: String?

  init(_ code: ExitStatus, _ kind: String, _ message: String, hint: String? = nil) {
    self.code = code
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// Writes the failure to standard error.
  func report(asJSON: Bool) {
    if asJSON {
      let document: JSONValue = [
        "schema": "adapterctl.error/1", "code": .integer(Int(code.rawValue)),
        "kind": .string(kind), "message": .string(message),
        "hint": hint.map { .string($0) } ?? .null,
      ]
      Terminal.writeError(document.text())
    } else {
      Terminal.writeError("error: " + Terminal.escaped(message))
      if let hint { Terminal.writeError("hint: " + Terminal.escaped(hint)) }
    }
  }
}

extension GlobalOptions {
  /// The end of a command whose negative answer the exit code alone tells; with --json, an error document
  /// as well.
  func untold(_ failure: Failure) -> any Error {
    json ? failure : ExitCode(failure.code.rawValue)
  }
}
