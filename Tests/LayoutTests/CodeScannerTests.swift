import Testing

struct CodeScannerTests {
  @Test func `comments and strings are no code`() {
    let text = """
      let a = "unsafe" // unsafe
      /* unsafe /* unsafe */ unsafe */ let b = #"\\(unsafe) "unsafe" "# + "\\"unsafe"
      """
    let code = CodeScanner.code(of: text)
    #expect(!code.contains("unsafe"))
    #expect(code.contains("let a") && code.contains("let b"))
  }

  @Test func `what is interpolated is code`() {
    let code = CodeScanner.code(of: #"let a = "x \(f("unsafe", g(1))) y" + b"#)
    #expect(code.contains("g(1)") && code.hasSuffix("+ b"))
    #expect(!code.contains("unsafe") && !code.contains("x ") && !code.contains("y"))
  }

  @Test func `lines keep their numbers`() {
    let text = "a\n/* b\nc */\n\"\"\"\nd\n\\\ne\n\"\"\"\nf"
    let code = CodeScanner.code(of: text)
    #expect(Repository.lines(code).count == Repository.lines(text).count)
    #expect(Repository.lines(code).last == "f")
  }
}
