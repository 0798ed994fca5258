import Testing

struct WordTests {
  @Test func `nothing is forced`() {
    for file in SourceFile.all {
      #expect(file.places(of: /\btry!/).isEmpty)
      #expect(file.places(of: /\bas!/).isEmpty)
    }
  }

  @Test func `the process ends only where there is no way on`() {
    for file in SourceFile.all where !Rooms.fatal.contains(file.name) {
      #expect(file.places(of: /\b(fatalError|abort)\(/).isEmpty)
    }
  }

  @Test func `only the door writes to the terminal, reads the environment or ends the process`() {
    for file in SourceFile.all {
      #expect(file.places(of: /(^|[^.\w])(debugPrint|print|dump)\(/).isEmpty)
      if file.room != "adapterctl" {
        #expect(file.places(of: /\b(getenv|isatty|clock_gettime|exit|CommandLine)\b/).isEmpty)
      }
    }
  }
}
