import Testing

@testable import Adapters

@Suite struct ModulePatternTests {
  @Test(arguments: [
    ("q_proj", "model.layers.0.self_attn.q_proj", true),
    ("q_proj", "q_proj", true),
    ("q_proj", "model.eq_proj", false),
    ("proj", "q_proj", false),
    (#"layers\.0\.self_attn\.q_proj"#, "model.layers.0.self_attn.q_proj", true),
    (#"layers\.0\.self_attn\.q_proj"#, "model.layers.10.self_attn.q_proj", false),
    ("layers.0.q_proj", "layers.0.q_proj", true),
    ("layers.0.q_proj", "layersX0Yq_proj", true),
    (#"^model\.layers\.0\.q_proj"#, "model.layers.0.q_proj", true),
    (#"^layers\.0\.q_proj"#, "model.layers.0.q_proj", false),
    (#"model\.layers\.1\.mlp\.(gate|up)_proj"#, "model.layers.1.mlp.up_proj", true),
    (#"model\.layers\.1\.mlp\.(gate|up)_proj"#, "model.layers.1.mlp.down_proj", false),
    (#".*\.layers\.(\d|1\d)\..*"#, "model.layers.17.self_attn.k_proj", true),
    (#".*\.layers\.(\d|1\d)\..*"#, "model.layers.27.self_attn.k_proj", false),
    (#"layers\.[0-3]\.(?:k|v)_proj$"#, "model.layers.3.v_proj", true),
    (#"layers\.[^0-3]\.v_proj"#, "model.layers.3.v_proj", false),
    (#"layers\.\d{2,3}\.v_proj"#, "layers.123.v_proj", true),
    (#"layers\.\d{2}\.v_proj"#, "layers.1.v_proj", false),
    (#"(?!.*vision).*q_proj"#, "model.language.q_proj", true),
    (#"(?P<kind>q|k)_proj"#, "a.k_proj", true),
    (#"q_proj|model"#, "model", true),
    (#"a{,2}b"#, "aab", true),
    (#"a{x"#, "a{x", true),
    ("", "a", false),
    ("(|a)*b", "aab", true),
  ])
  func `a pattern matches as in Python`(key: String, path: String, isMatch: Bool) throws {
    #expect(try ModulePattern(key).matches(TargetModule(path)) == isMatch)
  }

  @Test(arguments: [
    "(q_proj", "q_proj)", "[q", "*q", "q**", "q++", "q{3,2}", "(a)\\1", "(?<=a)b", "(?i)q", "q\\",
    "(a{900}){900}", "[z-a]", "(?=(?=a))", String(repeating: "a", count: 2000) + "+",
    String(repeating: "(", count: 500),
  ])
  func `a broken or unsupported pattern is refused`(key: String) {
    #expect(throws: ModulePattern.Malformed.self) { try ModulePattern(key) }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["(a+)+$", "(a|aa)+b", "(.*)*x", "(?!(a*)*b).*y"])
  func `a pattern that makes others backtrack for ever is matched at once`(key: String) throws {
    let path = TargetModule(String(repeating: "a", count: 400) + "!")
    #expect(try !ModulePattern(key).matches(path))
  }
}
