import Files
import Testing

@Suite struct PathTests {
  @Test(arguments: [
    ("a", "a", "."), ("a/b", "b", "a"), ("a/b/", "b", "a"), ("/a", "a", "/"), ("/", "", "/"),
    ("/a/b//", "b", "/a"), ("./a", "a", "."), ("a//b", "b", "a/"),
    ("größe/模型.bin", "模型.bin", "größe"), ("a/\u{301}b", "\u{301}b", "a"),
    ("/a/\u{200D}", "\u{200D}", "/a"), ("a/\u{301}/", "\u{301}", "a"),
  ])
  func `a path is a name in a parent`(text: String, name: String, parent: String) {
    #expect(Path(text).name == name)
    #expect(Path(text).parent.text == parent)
  }

  @Test func `equivalent spellings are two paths`() {
    let (composed, decomposed) = (Path("\u{E9}"), Path("e\u{301}"))
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    #expect(decomposed < composed)
  }

  @Test func `joining adds exactly one slash`() {
    #expect(Path("a").appending("b").text == "a/b")
    #expect(Path("a/").appending("b").text == "a/b")
    #expect(Path("/").appending("b").text == "/b")
    #expect(Path("").appending("b").text == "b")
  }

  @Test func `an extension is what follows the last component's dot`() {
    #expect(Path("a/b.safetensors").hasExtension("safetensors"))
    #expect(!Path("a/safetensors").hasExtension("safetensors"))
    #expect(!Path("a.bin/b").hasExtension("bin"))
  }
}
