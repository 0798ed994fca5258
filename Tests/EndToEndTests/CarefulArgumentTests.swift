import Files
import Foundation
import TestSupport
import Testing

/// What arguments never mean, and what errors never say.
@Suite struct CarefulArgumentTests {
  @Test func `an empty argument is never everything`() throws {
    let session = try StoreSession.withTwoCommits()
    try FileWriter.write([1], creating: session.work.appending("math/notes.md"))
    try session.run(["add", "math"])
    try session.work.appending("math/notes.md").removeFile()
    let files = try StoreSession.files(session.work)
    let refs = StoreSession.refs(session.work)
    for words in [
      ["checkout", ""], ["checkout", "--", ""], ["checkout", "HEAD", ""], ["restore", ""],
      ["restore", "--staged", ""], ["reset", ""], ["reset", "--", ""], ["add", ""],
      ["commit", "", "-m", "x"], ["diff", ""], ["log", "--", ""], ["ls-tree", ""], ["show", ""],
      ["export", "", "-o", "x.tar"], ["checkout", "", "-o", "x"], ["switch", ""],
      ["rev-parse", ""],
      ["bundle", "verify", ""], ["import", ""], ["tag", ""], ["branch", ""], ["status", ""],
    ] {
      let outcome = try session.run(words)
      #expect(outcome.code == 64, "\(words): \(outcome.output)")
      #expect(!outcome.errors.hasPrefix("error:  "), "\(outcome.errors)")
    }
    #expect(try StoreSession.files(session.work) == files)
    #expect(StoreSession.refs(session.work) == refs)
  }

  @Test func `what is restored for a moment is never named`() throws {
    let session = try StoreSession.withTwoCommits()
    try FileManager.default.copyItem(
      atPath: Fixtures.folder.appending("lab/base").text,
      toPath: session.work.appending("model").text)
    try session.run(["base", "add", "model", "--name", "lab", "--store"])
    try session.work.appending("model").removeTree()
    try FileWriter.write([1, 2, 3], creating: session.work.appending("notes"))
    try session.run(["add", "notes"])
    for (words, code) in [
      (["merge", "HEAD:math", "--base", "lab", "-o", "merged", "--json"], 0),
      (["merge", "HEAD:math", "--base", "lab", "-o", "other", "--dry-run", "--json"], 0),
      (["merge", ":notes", "--base", "lab", "-o", "other"], 15), (["inspect", ":notes"], 15),
      (["truncate", ":notes", "--rank", "2", "-o", "o"], 15),
    ] as [([String], Int32)] {
      let outcome = try session.run(words)
      #expect(outcome.code == code, "\(words): \(outcome.errors)")
      #expect(!(outcome.output + outcome.errors).contains("checkouts"), "\(words)")
      if code != 0 { #expect(outcome.errors.contains(":notes is no sound"), "\(outcome.errors)") }
    }
    #expect(StoreSession.leftovers(session.work).isEmpty)
  }
}
