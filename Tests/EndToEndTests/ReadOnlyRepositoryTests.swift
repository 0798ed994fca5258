import Files
import Foundation
import TestSupport
import Testing

/// A repository on a disk that may only be read answers what it can, and leaves nothing behind.
@Suite struct ReadOnlyRepositoryTests {
  /// Runs commands in a private view of the machine in which the repository is mounted read-only;
  /// nil where this user may not do that.
  private static func run(_ session: StoreSession, _ script: String) throws -> Program.Outcome? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    let work = session.work.text
    let program = Program.path.text
    process.arguments = [
      "-m", "/bin/sh", "-c",
      """
      mount --make-rprivate / && mount --bind '\(work)' '\(work)' &&
      mount -o remount,bind,ro '\(work)' || exit 99
      cd '\(work)'; P='\(program)'; export TMPDIR='\(work)/../temporary'
      \(script)
      """,
    ]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let isRefused = process.terminationStatus == 99 || words.contains("unshare failed")
    return isRefused
      ? nil : Program.Outcome(output: text, errors: words, code: process.terminationStatus)
  }

  @Test func `what only reads works`() throws {
    let session = try StoreSession.withTwoCommits()
    let temporary = session.work.parent.appending("temporary")
    try temporary.createDirectory()
    let before = try StoreSession.files(session.work)
    let base = Fixtures.folder.appending("lab/base").text
    let script = """
      set -e
      $P init; $P log --oneline --stat; $P status; $P fsck; $P gc --dry-run; $P branch; $P du
      $P diff HEAD~1 HEAD; $P inspect HEAD:math --spectrum; $P show --stat HEAD
      $P merge HEAD:math --base '\(base)' -o ../merged
      $P checkout HEAD:math -o ../out
      """
    guard let outcome = try Self.run(session, script) else { return }
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try StoreSession.files(session.work) == before)
    #expect(try temporary.entryNames().isEmpty)
    // What would write says so, and changes nothing.
    let refused = try #require(try Self.run(session, "$P tag v1"))
    #expect(refused.code == 64 && refused.errors.contains("read-only"), "\(refused.errors)")
    #expect(try StoreSession.files(session.work) == before)
  }
}
