import Files
import Testing

@Suite struct PathTests {
  @Test(arguments: [
    ("a", "a", "."), ("a/b", "b", "a"), ("a/b/", "b", "a"), ("/a", "a", "/"), ("/", "", "/"),
    ("/a/b//", "b", "/a"), ("./a", "a", "."), ("a//b", "b", "a/"),
    ("größe/模型.bin", "模型.bin", "größe"),
  ])
  func `a path is a name in a parent`(text: String, name: String, parent: String) {
    #expect(Path(text).name == name)
    #expect(Path(text).parent.text == parent)
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
