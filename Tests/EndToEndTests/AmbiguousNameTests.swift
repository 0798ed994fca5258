import Files
import TestSupport
import Testing

/// Names that could mean several things: what is taken, and that it is said.
@Suite struct AmbiguousNameTests {
  private func id(_ revision: String, _ session: StoreSession) throws -> String {
    try session.run(["rev-parse", revision, "-q"]).output.split(separator: "\n").joined()
  }

  @Test func `a tag comes before a branch, and both are named`() throws {
    let session = try StoreSession.withTwoCommits()
    try session.run(["branch", "both", "HEAD~1"])
    try session.run(["tag", "both", "HEAD"])
    let outcome = try session.run(["rev-parse", "both"])
    #expect(outcome.output.hasPrefix(try id("main", session)))
    #expect(
      outcome.errors.hasPrefix("warning: \"both\" is ambiguous: the tag"), "\(outcome.errors)")
    #expect(outcome.errors.contains("not the branch") && outcome.errors.contains("heads/both"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(try id("heads/both", session) == id("main~1", session))
    #expect(try session.run(["rev-parse", "tags/both"]).errors.isEmpty)
    #expect(try session.run(["rev-parse", "both", "-q"]).errors.isEmpty)
    // Where a branch is meant, it is taken without a word, as in git.
    let switched = try session.run(["switch", "both"])
    #expect(switched.code == 0 && switched.errors.isEmpty)
    #expect(try id("HEAD", session) == id("main~1", session))
    try session.run(["switch", "main"])
    let checkedOut = try session.run(["checkout", "both"])
    #expect(checkedOut.output.contains("on branch both") && checkedOut.errors.isEmpty)
    let restored = try session.run(["checkout", "both", "math"])
    #expect(restored.errors.contains("the tag") && restored.output == "restored math\n")
    let inspected = try session.run(["inspect", "both:math"])
    #expect(inspected.errors.contains("is ambiguous"), "\(inspected.errors)")
  }

  @Test func `a name that begins an id is a ref first, and that is said`() throws {
    let session = try StoreSession.withTwoCommits()
    let first = try id("HEAD~1", session)
    let digits = String(first.dropFirst(3).prefix(8))
    let made = try session.run(["branch", digits])
    #expect(made.code == 0)
    #expect(made.errors.contains("also the beginning of the id"), "\(made.errors)")
    let outcome = try session.run(["rev-parse", digits])
    #expect(outcome.output.hasPrefix(try id("main", session)))
    #expect(outcome.errors.contains("the branch") && outcome.errors.contains("not the object"))
    // More digits than the name has are the object's alone, and so is the prefix of ids.
    #expect(try id(String(first.dropFirst(3).prefix(9)), session) == first)
    #expect(try id("b3:" + digits, session) == first)
    #expect(try session.run(["branch", "decade"]).errors.isEmpty)
  }

  @Test func `a whole id is an id whatever it names besides`() throws {
    let session = try StoreSession.withTwoCommits()
    let first = try id("HEAD~1", session)
    let digits = String(first.dropFirst(3))
    for words in [
      ["branch", digits], ["tag", digits], ["branch", "-m", digits], ["switch", "-c", digits],
      ["checkout", "-b", digits],
    ] {
      let outcome = try session.run(words)
      #expect(outcome.code == 64, "\(words)")
      #expect(outcome.errors.contains("the form of a whole id"), "\(outcome.errors)")
    }
    // Plumbing can make one, and what comes from elsewhere may have it.
    #expect(try session.run(["update-ref", "refs/heads/\(digits)", "HEAD"]).code == 0)
    let outcome = try session.run(["rev-parse", digits])
    #expect(outcome.output == first + "\n")
    #expect(outcome.errors.contains("the object") && outcome.errors.contains("not the branch"))
    #expect(try session.run(["branch", "-d", digits]).code == 0)
  }
}
