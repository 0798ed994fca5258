import Files
import Foundation
import TestSupport

/// The program under `strace`, which kills it or refuses a system call at an exact point.
struct Tracing {
  static let strace = "/usr/bin/strace"
  /// Whether processes can be traced here.
  static let isPossible: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: strace)
    process.arguments = ["-f", "-o", "/dev/null", "/bin/true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// Every call by which a file system changes, as far as this program has them.
  static let changing =
    "pwrite64,fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,"
    + "rmdir,ftruncate,sync_file_range"

  struct Outcome {
    let code: Int32
    let wasKilled: Bool
    let output: String
    let errors: String
    /// The traced calls of the thread that made most of them.
    let calls: [String]
    /// How many traced calls all threads made.
    let callCount: Int

    /// A fault at one of these calls; the calls of each name are counted by themselves.
    func fault(_ effect: String, at index: Int) -> String {
      let name = calls[index].prefix { $0 != "(" }
      let number = calls[...index].count { $0.prefix { $0 != "(" } == name }
      return "\(name):\(effect):when=\(number)"
    }
  }

  let folder: Path

  func run(
    _ scenario: StoreScenario, tracing set: String, fault: String? = nil
  ) throws -> Outcome {
    try run(scenario.arguments, in: scenario.environment, tracing: set, fault: fault)
  }

  func run(
    _ arguments: [String], in environment: [String: String], tracing set: String,
    fault: String? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.strace)
    let log = folder.appending(".trace")
    var options = ["-f", "-y", "-o", log.text, "-e", "trace=" + set]
    if let fault { options += ["-e", "inject=" + fault] }
    process.arguments = options + [Program.path.text] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.text)
    process.environment = ["PATH": "/usr/bin:/bin", "COLUMNS": "80"]
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let out = folder.appending(".stdout").text
    let err = folder.appending(".stderr").text
    for name in [out, err] { _ = FileManager.default.createFile(atPath: name, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: out)
    process.standardError = FileHandle(forWritingAtPath: err)
    try process.run()
    process.waitUntilExit()
    func text(_ path: String) -> String {
      String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
    var threads: [Substring: [String]] = [:]
    for line in text(log.text).split(separator: "\n") {
      // The number of a thread, some spaces, the call.
      let thread = line.prefix { $0 != " " }
      let call = line.dropFirst(thread.count).drop { $0 == " " }
      guard call.first?.isLetter == true, call.contains("(") else { continue }
      threads[thread, default: []].append(String(call))
    }
    return Outcome(
      code: process.terminationStatus, wasKilled: text(log.text).contains("+++ killed by SIGKILL"),
      output: text(out), errors: text(err),
      calls: threads.values.max { $0.count < $1.count } ?? [],
      callCount: threads.values.reduce(0) { $0 + $1.count })
  }
}
