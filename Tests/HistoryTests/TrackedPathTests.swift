import Testing

@testable import History

@Suite struct TrackedPathTests {
  @Test(arguments: ["math", "runs/sql/checkpoint-10", "a b", "ü", ".hidden", "a/..b"])
  func `takes a path below the top`(text: String) throws {
    #expect(try TrackedPath(text).text == text)
  }

  @Test(arguments: [
    "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\nb", "a\u{1B}", ".adapterctl",
    ".ADAPTERCTL/x", "a/.adapterctl", String(repeating: "x", count: 256),
    // A combining mark behind a slash hides it from `Character`, and not from the system.
    "../\u{301}x", "a/../\u{200D}x", ".adapterctl/\u{301}x", "a//\u{301}", "./\u{301}",
  ])
  func `refuses what leads elsewhere or cannot be shown`(text: String) {
    #expect(throws: HistoryError.self) { try TrackedPath(text) }
  }

  @Test func `slashes are bytes`() throws {
    let path = try TrackedPath("a/\u{301}b/c")
    #expect(path.components == ["a", "\u{301}b", "c"])
    #expect(path.ancestors == ["a", "a/\u{301}b"])
    #expect(path.isWithin("a") && path.isWithin("a/\u{301}b") && !path.isWithin("a/"))
    #expect(path.name(below: "a") == "\u{301}b/c" && path.name(below: "b") == nil)
    #expect(try !TrackedPath("ab").isWithin("a"))
  }
}
