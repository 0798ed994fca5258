import Files
import Foundation
import TestSupport
import Testing

/// Files whose names cannot be tracked: they never were, and stand in nobody's way.
@Suite struct UntrackableNameTests {
  static let names = ["bad\u{1}name", "line\nbreak", ".AdapterCtl"]

  @Test(arguments: names)
  func `one beside an adapter hinders neither diff nor commit -a, and status tells of it`(
    _ name: String
  ) throws {
    let session = try StoreSession()
    try session.take(step: 450, as: "math")
    try session.run(["add", "math"])
    try session.run(["commit", "-m", "First"])
    let bad = session.work.appending("math").appending(name)
    try FileWriter.write([1, 2, 3], creating: bad)
    let shown = Terminal.escaped("math/" + name)

    let status = try session.run(["status"])
    #expect(status.output.contains("cannot be tracked"), "\(status.output)")
    #expect(status.output.contains(shown) && !status.output.contains("modified"))
    #expect(try session.run(["status", "--exit-code"]).code == 1)
    let diff = try session.run(["diff", "--exit-code"])
    #expect(diff.code == 0 && diff.output == "no difference\n", "\(diff.errors)")
    let nothing = try session.run(["commit", "-a", "-m", "Same"])
    #expect(nothing.code == 1 && nothing.errors.contains("Nothing is staged"))

    try session.take(step: 600, as: "math")
    let committed = try session.run(["commit", "-a", "-m", "Second"])
    #expect(committed.code == 0, "\(committed.errors)")
    #expect(committed.errors.contains("warning: \(shown) is passed over"), "\(committed.errors)")
    #expect(try FileReader.contents(of: bad, limit: 10) == [1, 2, 3])
    #expect(try session.run(["ls-tree", "-r", "HEAD"]).output.split(separator: "\n").count == 3)
    // Where it is named to be kept, it is refused, and nothing is.
    let added = try session.run(["add", "math"])
    #expect(added.code == 64 && added.errors.contains(shown), "\(added.errors)")
    #expect(StoreSession.problems(session.work).isEmpty)
  }

  @Test func `a name that is no text is told, and ignored where a file says so`() throws {
    let session = try StoreSession()
    try session.take(step: 450, as: "math")
    try session.run(["add", "math"])
    try session.run(["commit", "-m", "First"])
    try FileManager.default.createDirectory(
      atPath: session.work.appending("dir\u{2}").text, withIntermediateDirectories: false)
    #expect(try session.run(["status"]).output.contains("dir\\u{02}"))
    try FileWriter.write(
      Array("dir*\n".utf8), creating: session.work.appending(".adapterctlignore"))
    let status = try session.run(["status"])
    #expect(status.output.contains("working tree clean"), "\(status.output)")
  }

  /// The door's own spelling of what could drive a terminal, as far as it is needed here.
  private enum Terminal {
    static func escaped(_ text: String) -> String {
      text.unicodeScalars.map { $0.value < 0x20 ? $0.escaped(asASCII: true) : String($0) }.joined()
    }
  }
}
