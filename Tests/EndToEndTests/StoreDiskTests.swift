import Files
import Foundation
import History
import Storage
import TestSupport
import Testing

/// Adding and committing on a disk that is too small; needs the right to mount one.
@Suite(.serialized) struct StoreDiskTests {
  private static let kibibytes: [Int] =
    StoreSession.slow ? (0..<64).map { 232 + $0 * 8 } : [232, 248, 300, 360, 408, 424, 448, 560]

  @Test func `a full disk is told, and nothing is lost or left behind`() throws {
    let session = try StoreSession()
    let disk = session.program.folder.path.appending("disk")
    try disk.createDirectories()
    try session.take(step: 150, as: "math")
    var codes: Set<Int32> = []
    for size in Self.kibibytes {
      guard
        run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=\(size)k", "tmpfs", disk.text]) == 0
      else { return }
      defer { _ = run("/usr/bin/umount", [disk.text]) }
      let act = Act(actor: "T", command: "init", time: Timestamp(seconds: 1_800_000_000))
      guard (try? Repository.create(at: disk, act: act)) != nil,
        (try? copy(session.work.appending("math"), to: disk.appending("math"))) != nil
      else { continue }
      for command in [["add", "math"], ["commit", "-m", "first"]] {
        let before = StoreSession.refs(disk)
        let outcome = try session.run(command, in: "disk")
        codes.insert(outcome.code)
        #expect(StoreSession.problems(disk) == [], "\(size): \(command)")
        guard outcome.code != 0 else { continue }
        #expect(outcome.code == 14, "\(size): \(outcome.errors)")
        #expect(outcome.errors.hasPrefix("error: "))
        #expect(StoreSession.refs(disk) == before)
        #expect(StoreSession.leftovers(disk) == [])
        // With more room it goes on.
        #expect(run("/usr/bin/mount", ["-o", "remount,size=4m", disk.text]) == 0)
        #expect(try session.run(command, in: "disk").code == 0)
      }
    }
    #expect(codes == [0, 14])
  }

  private func copy(_ source: Path, to target: Path) throws {
    try target.createDirectories()
    for name in try source.entryNames() {
      try FileWriter.copy(source.appending(name), creating: target.appending(name))
    }
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
}
