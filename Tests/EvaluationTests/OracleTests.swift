import Adapters
import Compute
import Evaluation
import Files
import Tensors
import TestSupport
import Testing

/// Logits of transformers 5.23 and PEFT 0.21 on tiny random models (`fixtures/evaluate/make.py`).
///
/// The bound is that of float32: two orders of summation over these widths differ by a few times
/// 2⁻²⁴ of logits up to 6, and EVALUATE §9 measured 6.8e-6 between two engines.
struct OracleTests {
  static let models = [
    "llama", "llama-tied", "llama-bias", "llama-linear", "llama3", "llama-yarn", "llama-dynamic",
    "qwen2", "mistral", "gpt2",
  ]
  static let tolerance: Float = 5e-5

  @Test(arguments: models)
  func `logits are those of transformers`(name: String) throws {
    let folder = Fixtures.folder.appending("evaluate/models").appending(name)
    let model = AdaptedModel(base: try Checkpoint(opening: folder))
    try compare(model, with: "logits", in: folder)
  }

  @Test(arguments: ["llama", "llama-tied", "qwen2", "gpt2"])
  func `logits with an unmerged adapter are those of PEFT`(name: String) throws {
    let folder = Fixtures.folder.appending("evaluate/models").appending(name)
    let adapter = try Adapter(opening: folder.appending("adapter"))
    let model = try AdaptedModel(
      base: try Checkpoint(opening: folder), adapters: [WeightedAdapter(adapter)])
    try compare(model, with: "adapted", in: folder)
  }

  private func compare(_ model: AdaptedModel, with key: TensorName, in folder: Path) throws {
    let engine = try LanguageModel(model, weights: BaseWeights(), execution: Execution())
    let oracle = try Oracle(folder, key: key)
    var scratch = ForwardScratch()
    for (ids, expected) in zip(oracle.ids, oracle.logits) {
      let logits = engine.logits(after: ids, scratch: &scratch)
      #expect(logits.elements.count == expected.count)
      let distance = zip(logits.elements, expected).map { abs($0 - $1) }.max() ?? .nan
      #expect(distance <= Self.tolerance)
    }
  }
}

/// Tokens and logits that another program computed.
struct Oracle {
  let ids: [[Int]]
  let logits: [[Float]]

  init(_ folder: Path, key: TensorName) throws {
    let file = try TensorFile(opening: folder.appending("oracle.safetensors"))
    let words = try #require(file.tensors.first { $0.name == "ids" })
    let values = try #require(file.tensors.first { $0.name == key })
    let count = words.shape.extents[0]
    let bytes = try file.bytes(of: words)
    let all = stride(from: 0, to: bytes.count, by: 8).map {
      Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8
    }
    let floats = Conversion.floats(try file.bytes(of: values), of: .f32, form: .best)
    ids = (0..<count).map { Array(all[$0 * all.count / count..<($0 + 1) * all.count / count]) }
    logits = (0..<count).map {
      Array(floats[$0 * floats.count / count..<($0 + 1) * floats.count / count])
    }
  }
}
