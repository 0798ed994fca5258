import Files
import Foundation
import TestSupport

/// The built program, run as a user runs it.
struct Program {
  /// What a run has printed and how it ended.
  struct Outcome {
    let output: String
    let errors: String
    let code: Int32
  }

  /// Beside the test bundle in the build directory.
  static let path = Path(URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path)
    .parent.appending("adapterctl")

  /// A directory of its own, in which `fixtures` is the package's folder, so that no output depends
  /// on where the package is.
  let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    try FileManager.default.createSymbolicLink(
      atPath: folder.path.appending("fixtures").text, withDestinationPath: Fixtures.folder.text)
  }

  /// Starts the program in the folder.
  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.path.text)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path.text)
    process.environment = ["PATH": "/usr/bin:/bin", "COLUMNS": "80"].merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    return process
  }

  /// Runs the program in the folder to its end.
  @discardableResult
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    let process = try start(arguments, environment: environment)
    // Files and not pipes: a pipe that nobody empties would stop a program that prints much.
    let out = folder.path.appending(".stdout").text
    let err = folder.path.appending(".stderr").text
    for name in [out, err] { _ = FileManager.default.createFile(atPath: name, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: out)
    process.standardError = FileHandle(forWritingAtPath: err)
    try process.run()
    process.waitUntilExit()
    func text(_ path: String) -> String {
      String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
    return Outcome(output: text(out), errors: text(err), code: process.terminationStatus)
  }
}
