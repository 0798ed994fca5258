import Files
import Foundation
import Tensors
import TestSupport
import Testing

/// Bad input for the commands that make adapters: the sentence, the exit code, and nothing written.
@Suite struct ShapeRefusalTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let words: String
    let code: Int32
    let sentence: String
    var testDescription: String { words }

    init(_ words: String, _ code: Int32, _ sentence: String) {
      (self.words, self.code, self.sentence) = (words, code, sentence)
    }
  }

  private static let lora = "fixtures/peft/lora"
  private static let other = "fixtures/lab/runs/lora-r8/checkpoint-600"
  private static let full = "fixtures/lab/runs/full/checkpoint-600"
  private static let lab = "--base fixtures/lab/base"

  static let cases: [Case] = [
    Case("truncate \(lora) --rank 0", 64, "A rank is a whole number from 1."),
    Case("truncate \(lora) --rank 5", 64, "no module of fixtures/peft/lora has more than 4"),
    Case("truncate fixtures/peft/loha --rank 65", 64, "has more than"),
    Case("truncate \(lora) --energy 0", 64, "a share above 0, up to 1"),
    Case("truncate \(lora) --rank 3 --pad-rank 2", 64, "keeps rank 3, more than --pad-rank 2"),
    Case("truncate \(lora) --size 500B", 14, "take at least"),
    Case("truncate \(lora) --size 10kB --pad-rank 4", 14, "take at least"),
    Case("truncate \(lora) --sv-min 1e9", 1, "No singular value of any module"),
    Case("truncate nan --rank 2", 15, "has 1 value that is NaN or infinite"),
    Case("truncate cut --rank 2", 15, "adapter_model.safetensors"),
    Case("truncate fixtures/peft/ia3 --rank 2", 13, "it is ia3, whose update"),
    Case("truncate fixtures/peft/mora_type1 --rank 2", 13, "depends on the extents of the base"),
    Case(
      "truncate fixtures/peft/mora_type6 --rank 2 --base fixtures/peft/base", 13,
      "has no two factors"),
    Case(
      "truncate fixtures/peft/mora_type1 --rank 2 --base fixtures/lab/base", 15,
      "is not the square of a MoRA"),
    Case(
      "truncate fixtures/peft/vera --rank 2 --base fixtures/peft/base_gpt2", 13, "does not have"),
    Case("truncate nowhere --rank 2", 64, "nowhere does not exist"),

    Case("combine \(lora) nan --method linear", 15, "has 1 value that is NaN or infinite"),
    Case("combine \(lora) nan --analyze", 15, "has 1 value that is NaN or infinite"),
    Case("combine \(lora) cut --method ties", 15, "adapter_model.safetensors"),
    Case("combine \(lora) \(other) --method linear", 13, "do not fit one another"),
    Case("combine \(lora) \(other) --analyze", 13, "do not fit one another"),
    Case("combine \(lora) \(lora) --method svd --rank 0", 64, "A rank is a whole number from 1."),
    Case("combine \(lora) \(lora) --method cat --rank 2", 64, "cat keeps every rank"),
    Case("combine \(lora)=huge \(lora) --method linear", 64, "no finite number"),
    Case("combine \(lora)=1e300 big=1e300 --method linear", 15, "too large"),
    Case("combine \(lora) \(lora)=-1 --method linear", 1, "Nothing is left"),
    Case(
      "combine \(lora) fixtures/peft/dora --method linear", 13, "whose effect depends on the base"),
    Case(
      "combine \(lora) fixtures/peft/dora --method cat --base fixtures/peft/base", 64,
      "cat keeps every rank"),
    Case(
      "combine \(lora) fixtures/peft/dora --method linear --base fixtures/lab/base", 13,
      "in the base has"),
    Case(
      "combine fixtures/peft/mora_type6 \(lora) --method linear --base fixtures/peft/base", 13,
      "in a form without two factors"),
    Case("combine \(lora) --analyze", 64, "at least 2 adapters"),
    Case("combine \(lora) \(lora) --analyze --method ties", 64, "takes no --method"),
    Case("combine \(lora) \(lora)", 64, "Missing expected argument '--method <method>'"),

    Case("extract \(full) \(lab) --rank 0", 64, "A rank is a whole number from 1."),
    Case("extract \(full) \(lab) --rank 4 --memory-limit 1MB", 14, "of memory"),
    Case("extract \(full) \(lab) --size 1kB", 14, "take at least"),
    Case("extract \(full) \(lab) --sv-min 1e9 --exclude *norm*", 1, "only whole tensors"),
    Case("extract fixtures/lab/base \(lab) --rank 4", 1, "No tensor of"),
    Case("extract fixtures/lab/base \(lab) --size 1MB", 1, "No tensor of"),
    Case("extract \(full) --base fixtures/peft/base --rank 4", 12, "was not fine-tuned from"),
    Case("extract nan-model \(lab) --rank 4", 15, "NaN or infinite"),
    Case("extract nan-model \(lab) --size 1MB", 15, "NaN or infinite"),
    Case("extract cut-model \(lab) --rank 4", 15, "model.safetensors"),
  ]

  @Test(arguments: cases)
  func `a sentence, a code, and nothing written`(_ reference: Case) throws {
    let program = try Program()
    try Self.makeInputs(in: program)
    let names = try program.folder.path.entryNames().sorted()
    let isAnalysis = reference.words.contains("--analyze")
    let outcome = try program.run(
      reference.words.split(separator: " ").map(String.init) + (isAnalysis ? [] : ["-o", "out"]))
    #expect(outcome.code == reference.code, "\(outcome.errors)")
    #expect(outcome.errors.contains(reference.sentence), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    let after = try program.folder.path.entryNames().filter { !$0.hasPrefix(".std") }
    #expect(after.sorted() == names.filter { !$0.hasPrefix(".std") })
  }

  @Test(arguments: [
    "truncate \(lora) --rank 2", "combine \(lora) \(lora) --method cat",
    "extract \(full) \(lab) --rank 4", "extract \(full) \(lab) --size 200kB",
  ])
  func `a dry run writes nothing and says as much`(_ words: String) throws {
    let program = try Program()
    for option in ["--dry-run", "-n"] {
      let outcome = try program.run(words.split(separator: " ").map(String.init) + [option])
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(!outcome.output.isEmpty)
    }
    #expect(
      try program.folder.path.entryNames().filter { !$0.hasPrefix(".std") } == ["fixtures"])
  }

  /// `nan` and `cut` are broken copies of a fixture, `big` has a large factor;
  /// `nan-model` and `cut-model` are broken fine-tunes.
  private static func makeInputs(in program: Program) throws {
    let folder = program.folder.path
    func copy(_ source: String, _ file: String, to name: String, _ change: (inout [UInt8]) -> Void)
      throws
    {
      let place = folder.appending(name)
      try FileManager.default.copyItem(
        atPath: Fixtures.folder.appending(source).text, toPath: place.text)
      var bytes = try FileReader.contents(of: place.appending(file), limit: 1 << 24)
      change(&bytes)
      try place.appending(file).removeFile()
      try FileWriter.write(bytes, creating: place.appending(file))
    }
    let (adapter, model) = ("adapter_model.safetensors", "model.safetensors")
    try copy("peft/lora", adapter, to: "nan") { $0.replaceSubrange(end($0, 4), with: nan) }
    try copy("peft/lora", adapter, to: "cut") { $0.removeLast(100) }
    try copy("peft/lora", adapter, to: "big") { $0.replaceSubrange(end($0, 4), with: large) }
    try copy("lab/runs/full/checkpoint-600", model, to: "nan-model") {
      $0.replaceSubrange(end($0, 2), with: [0xC0, 0x7F])
    }
    try copy("lab/runs/full/checkpoint-600", model, to: "cut-model") { $0.removeLast(100) }
  }

  private static let nan: [UInt8] = [0, 0, 0xC0, 0x7F]
  /// 2¹²⁷
  private static let large: [UInt8] = [0, 0, 0, 0x7F]

  private static func end(_ bytes: [UInt8], _ count: Int) -> Range<Int> {
    bytes.count - count..<bytes.count
  }
}
