import Files
import TestSupport
import Testing

/// What `inspect --spectrum` and `diff` refuse: the sentence, the code, and nothing left behind.
@Suite struct SpectrumRefusalTests {
  struct Refusal: CustomTestStringConvertible, Sendable {
    let command: String
    let code: Int32
    let words: String
    var testDescription: String { command }

    init(_ command: String, _ code: Int32, _ words: String) {
      self.command = command
      self.code = code
      self.words = words
    }
  }

  private static let adapter = "fixtures/lab/runs/lora-r8/checkpoint-150"
  private static let other = "fixtures/lab/runs/lora-r8/checkpoint-600"
  private static let full = "fixtures/lab/runs/full/checkpoint-150"
  private static let base = "fixtures/lab/base"

  static let refusals: [Refusal] = [
    Refusal("inspect \(adapter) --spectrum --sort loudness", "'loudness'"),
    Refusal("inspect \(adapter) --spectrum --sort relative", "needs --base"),
    Refusal("inspect \(adapter) --spectrum --sort base90", "of a full fine-tune"),
    Refusal("inspect \(adapter) --spectrum --heat stable", "--heat goes with --plot"),
    Refusal("inspect \(adapter) --spectrum --plot a.svg --heat name", "name is none"),
    Refusal("inspect \(adapter) --spectrum --plot a.png", "a.png"),
    Refusal("inspect \(adapter) --spectrum --plot no/a.svg", "no is no directory"),
    Refusal("inspect \(adapter) --spectrum --top 0", "--top"),
    Refusal("inspect \(adapter) --spectrum --csv --json", "exclude each other"),
    Refusal("inspect \(adapter) --spectrum --check-values", "exclude each other"),
    Refusal("inspect \(adapter) --spectrum --intruders", "is an adapter"),
    Refusal("inspect \(adapter) --sort used", "go with --spectrum"),
    Refusal("inspect \(adapter) --exclude *", "go with --spectrum"),
    Refusal("inspect \(adapter) --spectrum --include *.none", 13, "passes --include"),
    Refusal("inspect \(full) --base \(base) --spectrum --exclude *", 13, "passes --include"),
    Refusal("inspect \(adapter) --intruders", "go with --spectrum"),
    Refusal("inspect \(base) --spectrum", "--base"),
    Refusal("inspect \(full) --base fixtures/peft/base --spectrum", 12, "another shape"),
    Refusal("inspect \(full) --base fixtures/peft/base_gpt2 --spectrum", 12, "it has no"),
    Refusal("inspect \(base) --base \(base) --spectrum --plot a.svg", 1, "nothing was drawn"),
    Refusal("diff \(adapter) \(other) --heat distance", "--heat goes with --plot"),
    Refusal("diff \(adapter) \(other) --plot no/a.svg", "no is no directory"),
    Refusal("diff \(adapter) \(other) --plot a.svg --heat name", "name is none"),
    Refusal("diff \(base) \(full) --angles 3", "--angles is of two adapters"),
    Refusal("diff \(base) \(full) --sort cosine", "tensor by tensor"),
    Refusal("diff \(base) \(full) --plot a.svg --heat cosine", "tensor by tensor"),
    Refusal(
      "diff fixtures/peft/ia3 fixtures/peft/oft --plot a.svg --heat relative", 1,
      "nothing was drawn"),
  ]

  @Test(arguments: refusals)
  func `what cannot be done is said, and nothing is written`(_ refusal: Refusal) throws {
    let program = try Program()
    let outcome = try program.run(refusal.command.split(separator: " ").map(String.init))
    #expect(outcome.code == refusal.code, "\(outcome.errors)")
    #expect(outcome.errors.contains(refusal.words), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    let left = try program.folder.path.entryNames()
    #expect(left == [".stderr", ".stdout", "fixtures"])
  }

  @Test func `a weight that is not a number is named with its model`() throws {
    let program = try Program()
    let folder = program.folder.path
    func model(_ name: String, _ weights: [FilledTensor]) throws {
      try folder.appending(name).createDirectories()
      try SyntheticModel.write(weights, to: folder.appending("\(name)/model.safetensors"))
    }
    let good = FilledTensor("model.layers.0.mlp.up_proj.weight", [6, 5], .bf16, seed: 1)
    let kept = FilledTensor("model.layers.1.mlp.up_proj.weight", [6, 5], .bf16, seed: 2)
    var bad = good.values
    bad[3] = .nan
    try model("base", [good, kept])
    try model("tuned", [FilledTensor(good.name, [6, 5], .bf16, values: bad), kept])
    for command in [
      "inspect tuned --base base --spectrum --plot a.svg",
      "inspect tuned --base base --spectrum --intruders --json",
    ] {
      let outcome = try program.run(command.split(separator: " ").map(String.init))
      #expect(outcome.code == 15 && outcome.output.isEmpty)
      #expect(
        outcome.errors.contains(
          "model.layers.0.mlp.up_proj.weight of tuned/model.safetensors has 1 value "),
        "\(outcome.errors)")
      #expect(!folder.appending("a.svg").isFile)
    }
    let check = try program.run(["inspect", "tuned", "--check-values"])
    #expect(check.code == 1 && check.output.contains("not finite: \(good.name) has 1"))
    // diff measures the rest, and says what it could not.
    let diff = try program.run(["diff", "base", "tuned"])
    #expect(diff.code == 3 && diff.output.contains("Not finite: \(good.name)"))
  }

  @Test func `a base that lacks most of the model is refused, one that lacks a tensor is told`()
    throws
  {
    let program = try Program()
    let folder = program.folder.path
    let names = (0..<5).map { "model.layers.\($0).mlp.up_proj.weight" }
    func model(_ name: String, _ names: [String], seed: UInt64) throws {
      try folder.appending(name).createDirectories()
      try SyntheticModel.write(
        names.enumerated().map { FilledTensor($1, [6, 5], .bf16, seed: seed + UInt64($0)) },
        to: folder.appending("\(name)/model.safetensors"))
    }
    try model("tuned", names, seed: 1)
    try model("most", Array(names.prefix(4)), seed: 20)
    try model("little", Array(names.prefix(2)), seed: 20)
    let refused = try program.run(["inspect", "tuned", "--base", "little", "--spectrum"])
    #expect(refused.code == 12 && refused.errors.contains("little lacks \(names[2])"))
    let told = try program.run(["inspect", "tuned", "--base", "most", "--spectrum"])
    #expect(told.code == 0 && told.output.contains("added       \(names[4])"))
  }

  @Test func `a side that cannot be opened is an error also where a base is named`() throws {
    let program = try Program()
    let folder = program.folder.path.appending("broken")
    try folder.createDirectories()
    let whole = Fixtures.folder.appending("lab/runs/lora-r8/checkpoint-150")
    for name in try whole.entryNames() where name.hasPrefix("adapter_") {
      var bytes = try FileReader.contents(of: whole.appending(name), limit: 1 << 24)
      if name.hasSuffix(".safetensors") { bytes.removeLast(100) }
      try FileWriter.write(bytes, creating: folder.appending(name))
    }
    for operands in [["broken", Self.adapter], [Self.adapter, "broken"]] {
      let outcome = try program.run(["diff"] + operands + ["--base", Self.base])
      #expect(outcome.code == 15, "\(outcome.errors)")
      #expect(outcome.errors.contains("broken/adapter_model.safetensors"), "\(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
    for operands in [["nowhere", Self.adapter], [Self.adapter, "nowhere"]] {
      for base in [[], ["--base", Self.base]] {
        let missing = try program.run(["diff"] + operands + base)
        #expect(missing.code == 64, "\(missing.errors)")
        #expect(missing.errors.contains("nowhere does not exist"), "\(missing.errors)")
      }
    }
  }
}

extension SpectrumRefusalTests.Refusal {
  init(_ command: String, _ words: String) { self.init(command, 64, words) }
}
