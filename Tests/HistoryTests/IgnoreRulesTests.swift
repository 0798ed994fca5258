import Testing

@testable import History

@Suite struct IgnoreRulesTests {
  private func ignored(_ rules: String, _ paths: [String]) -> [String] {
    var ignoring = IgnoreRules()
    ignoring.add(rules)
    return paths.filter {
      ignoring.ignores(
        $0.hasSuffix("/") ? String($0.dropLast()) : $0, isDirectory: $0.hasSuffix("/"))
    }
  }

  /// A rule, paths that it ignores, and paths that it does not; a directory ends in a slash.
  static let cases: [(rules: String, ignored: [String], kept: [String])] = [
    ("", [], ["a"]),
    ("# a\n\n  \n", [], ["a", "# a", " "]),
    ("a", ["a", "a/", "b/a", "a/b"], ["ab", "b", "A"]),
    ("\\#a\n\\!b", ["#a", "!b"], ["a", "b"]),
    ("/a", ["a", "a/b"], ["b/a"]),
    ("a/b", ["a/b", "a/b/c"], ["c/a/b", "b", "a/"]),
    ("a/", ["a/", "b/a/", "a/b"], ["a", "b/a"]),
    ("/", [], ["a", "a/"]),
    ("a  \nb\\ \nc\\  ", ["a", "b ", "c "], ["a ", "b", "c", "c  "]),
    ("a\t", ["a\t"], ["a"]),
    ("a\r\nb\r\n", ["a", "b"], ["a\r"]),
    ("\u{FEFF}a", ["a"], ["\u{FEFF}a"]),
    ("*.pt", ["a.pt", ".pt", "b/c.pt"], ["a.pth", "pt"]),
    ("a?c", ["abc"], ["ac", "a/c", "abbc"]),
    ("/a*", ["a", "ab", "a/b"], ["b/a"]),
    ("b/*.pt", ["b/a.pt"], ["b/c/a.pt", "a.pt"]),
    ("**/a", ["a", "b/a", "c/b/a"], ["ba"]),
    ("a/**", ["a/b", "a/b/c"], ["a/", "b/a/"]),
    ("a/**/b", ["a/b", "a/c/b", "a/c/d/b"], ["ab", "b", "c/a/b"]),
    ("a**b/c", ["ab/c", "axb/c"], ["a/b/c"]),
    ("[a-c]x", ["ax", "bx", "cx"], ["dx", "x"]),
    ("[!a-c]x\n[^d]y", ["dx", "ay"], ["ax", "dy", "x"]),
    ("[]]x\n[]-]y\n[a\\]]z", ["]x", "-y", "]y", "]z", "az"], ["x", "\\z"]),
    ("[[:digit:][:upper:]_]", ["1", "A", "_"], ["a", "11", ":"]),
    ("[[:no:]]\n[a\nb\\", [], ["[a", "a", "b", "b\\", ":"]),
    ("*\n!*.safetensors", ["a"], ["a.safetensors"]),
    ("a/\n!a/b", ["a/", "a/b"], []),
    ("a/*\n!a/b", ["a/c"], ["a/b", "a/"]),
    ("!a\na", ["a"], []),
    ("a\n!a", [], ["a"]),
    ("\\a\\*", ["a*"], ["ab", "\\a\\*"]),
    ("é*", ["é", "éa"], ["e"]),
  ]

  @Test(arguments: cases.indices)
  func `rules ignore what they describe and nothing else`(index: Int) {
    let (rules, ignored, kept) = Self.cases[index]
    #expect(self.ignored(rules, ignored + kept) == ignored, "\(rules.debugDescription)")
  }

  @Test func `files nest, and the deepest decides`() {
    var rules = IgnoreRules()
    rules.add("!keep.log\n/only\n", in: "a")
    rules.add("*.log\n")
    rules.add("keep.log", in: "a/b/")
    #expect(rules.ignores("x.log", isDirectory: false))
    #expect(rules.ignores("keep.log", isDirectory: false))
    #expect(rules.ignores("a/x.log", isDirectory: false))
    #expect(!rules.ignores("a/keep.log", isDirectory: false))
    #expect(rules.ignores("a/b/keep.log", isDirectory: false))
    #expect(!rules.ignores("ab/only", isDirectory: false))
    #expect(rules.ignores("a/only", isDirectory: false))
    #expect(!rules.ignores("a/c/only", isDirectory: false))
  }

  @Test func `the rule that decides is named`() throws {
    var rules = IgnoreRules()
    rules.add("# first\n*.pt\n!keep.pt \n")
    let rule = try #require(rules.rule(for: "keep.pt", isDirectory: false))
    #expect((rule.text, rule.lineNumber, rule.isNegated) == ("!keep.pt ", 3, true))
    #expect(rules.rule(for: "a/b.pt", isDirectory: false)?.lineNumber == 2)
    #expect(rules.rule(for: "a", isDirectory: false) == nil)
  }

  @Test func `by default the adapter is kept and what training leaves is not`() {
    var rules = IgnoreRules.defaults
    let kept = [
      "adapter_config.json", "adapter_model.safetensors", "checkpoint-500/adapter_model.bin",
      "trainer_state.json", "tokenizer.json", "README.md", ".adapterctlignore", "optimizer.json",
      "pytorch_lora_weights.safetensors", "latest", "model.safetensors.index.json",
    ]
    let left = [
      "optimizer.pt", "checkpoint-500/optimizer.pt", "rng_state.pth", "rng_state_3.pth",
      "scheduler.pt", "scaler.pt", "0000100_adapters.safetensors", "training_args.bin",
      "global_step500/a.pt", "zero_to_fp32.py",
      "optimizer_0/__0_0.distcp", "random_states_0.pkl", ".git/config", "a/__pycache__/b.pyc",
      "a.safetensors.tmp", ".adapter_config.json.swp", "#a#", ".#a", "a~", "recipe_state.pt",
    ]
    #expect(kept.filter { rules.ignores($0, isDirectory: false) } == [])
    #expect(left.filter { !rules.ignores($0, isDirectory: false) } == [])
    rules.add("!training_args.bin\nlatest\n")
    #expect(!rules.ignores("training_args.bin", isDirectory: false))
    #expect(rules.ignores("latest", isDirectory: false))
  }

  @Test func `no pattern takes long`() {
    let hostile = [
      String(repeating: "*a", count: 200) + "b", String(repeating: "**/", count: 200) + "b",
      String(repeating: "**/*a", count: 200) + "b", String(repeating: "[", count: 3000),
      "/" + String(repeating: "*?", count: 200),
    ]
    let path = String(repeating: "a", count: 255) + "/" + String(repeating: "a/", count: 5) + "c"
    for pattern in hostile {
      var rules = IgnoreRules()
      rules.add(pattern)
      let start = ContinuousClock.now
      _ = rules.ignores(path, isDirectory: false)
      #expect(ContinuousClock.now - start < .seconds(10), "\(pattern.prefix(9))")
    }
  }
}
