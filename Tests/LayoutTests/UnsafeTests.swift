import Testing

struct UnsafeTests {
  @Test func `unsafe code has an address`() {
    let found = Set(SourceFile.all.filter { !$0.places(of: /\bunsafe\b/).isEmpty }.map(\.name))
    #expect(found.subtracting(Rooms.unsafe).isEmpty, "not among the files that may")
    #expect(Rooms.unsafe.subtracting(found).isEmpty, "listed, but without unsafe code")
  }

  @Test func `what the compiler does not check has a reason beside it`() {
    for file in SourceFile.all {
      for (number, line) in file.codeLines.enumerated()
      where line.contains(/@unchecked\b|\bnonisolated\(unsafe\)/) {
        let above = number > 0 ? file.lines[number - 1] : ""
        #expect(above.contains("//"), "\(file.name):\(number + 1)")
      }
    }
  }
}
