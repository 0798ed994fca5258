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
  ])
  func `refuses what leads elsewhere or cannot be shown`(text: String) {
    #expect(throws: HistoryError.self) { try TrackedPath(text) }
  }
}
