import Files
import Foundation
import TestSupport
import Testing

/// What is left when a merge is stopped from outside: nothing that looks like a model.
@Suite(.serialized) struct InterruptionTests {
  private let program: Program
  private let model: SyntheticModel
  private var folder: Path { program.folder.path }
  private let merge = ["merge", "adapter", "--base", "base", "-o", "merged", "-q"]

  init() throws {
    program = try Program()
    model = try SyntheticModel(in: program.folder.path)
  }

  /// Twenty random moments of a merge, from its start to its end.
  @Test func `a killed merge leaves its inputs, no output, and room for the next`() throws {
    let started = Date()
    #expect(try program.run(merge).code == 0)
    let duration = Date().timeIntervalSince(started)
    let whole = try contents(folder.appending("merged"))
    let inputs = try [model.base, model.adapter].map(contents)
    try folder.appending("merged").removeTree()
    var generator = SeededGenerator(seed: 20)
    for _ in 0..<20 {
      let process = try program.start(merge)
      try process.run()
      Thread.sleep(forTimeInterval: duration * Double.random(in: 0..<1, using: &generator))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let output = folder.appending("merged")
      if output.kind != nil {
        // Published before the signal came: then it is whole.
        #expect(try contents(output) == whole)
        try output.removeTree()
      }
      #expect(try [model.base, model.adapter].map(contents) == inputs)
    }
    #expect(try program.run(merge).code == 0)
    #expect(try contents(folder.appending("merged")) == whole)
    #expect(try folder.entryNames().allSatisfy { !$0.contains(".partial-") })
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal ends a merge with 130 and leaves nothing`(signal: Int32) throws {
    let process = try program.start(merge)
    try process.run()
    // The staging directory is there once the merge is under way.
    while process.isRunning, try !folder.entryNames().contains(where: { $0.contains(".partial-") })
    {
      Thread.sleep(forTimeInterval: 0.005)
    }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 130)
    #expect(try folder.entryNames().allSatisfy { !$0.contains("merged") })
  }

  /// A file system of a few megabytes; needs the right to mount one.
  @Test(arguments: [24, 40, 60, 66])
  func `a full disk is told and leaves nothing behind`(megabytes: Int) throws {
    let disk = folder.appending("disk")
    try disk.createDirectories()
    let mounted = run(
      "/usr/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", disk.text])
    guard mounted == 0 else { return }
    defer { _ = run("/usr/bin/umount", [disk.text]) }
    let outcome = try program.run(["merge", "adapter", "--base", "base", "-o", "disk/merged"])
    #expect(outcome.code == 14, "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: "))
    #expect(try disk.entryNames().isEmpty)
  }

  private func run(_ program: String, _ arguments: [String]) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }

  private func contents(_ directory: Path) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try directory.entryNames() {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: directory.appending(name).text))
    }
    return files
  }
}
