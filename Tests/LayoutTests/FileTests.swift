import Testing

struct FileTests {
  @Test func `half of the files have at most 120 lines`() {
    let counts = SourceFile.all.map(\.lines.count).sorted()
    #expect(counts.count > 100)
    #expect(counts[counts.count / 2] <= 120)
  }

  @Test func `a file of more than 300 lines says why`() {
    for file in SourceFile.all where file.lines.count > 300 {
      let header = file.lines.prefix { $0.isEmpty || $0.hasPrefix("//") }
      #expect(
        header.contains { $0.contains("Long because ") },
        "\(file.name) has \(file.lines.count) lines; start it with: // Long because …")
    }
  }

  @Test func `files are named after what they hold`() {
    for file in SourceFile.all {
      #expect(
        !file.name.contains(/(Utils?|Utilities|Helpers?|Common|Managers?|Misc)(\.|\/|\+)/),
        "\(file.name)")
    }
  }
}
