import Files
import Glibc
import JSON
import Tensors

@testable import Adapters

/// A folder for one test, gone with it.
final class MadeFolder {
  let path: Path

  init() throws {
    let name = (0..<8).map { _ in String(UInt8.random(in: 0...255), radix: 16) }.joined()
    path = Path("/tmp").appending("adapterctl-test-\(name)")
    try path.createDirectories()
  }

  deinit { try? path.removeTree() }

  /// Writes a text file.
  func write(_ text: String, to name: String) throws {
    let file = path.appending(name)
    try file.parent.createDirectories()
    try FileWriter.write(Array(text.utf8), creating: file)
  }

  /// Writes a safetensors file of zeros.
  func write(_ tensors: [MadeTensor], to name: String) throws {
    var offset = 0
    var members: [JSONValue.Member] = []
    for tensor in tensors {
      let count = tensor.extents.reduce(1, *) * tensor.dtype.bitWidth / 8
      members.append(
        .init(
          tensor.name,
          [
            "dtype": .string(tensor.dtype.rawValue),
            "shape": .array(tensor.extents.map { .integer($0) }),
            "data_offsets": [.integer(offset), .integer(offset + count)],
          ]
        )
      )
      offset += count
    }
    let header = Array(JSONValue.object(members).text().utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
    let file = path.appending(name)
    try file.parent.createDirectories()
    try FileWriter.write(
      length + header + [UInt8](repeating: 0, count: offset),
      creating: file
    )
  }

  /// Writes and opens an adapter; `settings` complete a LoRA configuration of rank 2 and alpha 4.
  func adapter(_ settings: String = "", _ tensors: [MadeTensor]) throws -> Adapter {
    let defaults = #""peft_type": "LORA", "base_model_name_or_path": "base""#
    let sizes = settings.contains(#""r":"#) ? "" : #", "r": 2, "lora_alpha": 4"#
    try write(
      "{\(defaults)\(sizes)\(settings.isEmpty ? "" : ", " + settings)}",
      to: "adapter/adapter_config.json"
    )
    try write(tensors, to: "adapter/adapter_model.safetensors")
    return try Adapter(opening: path.appending("adapter"))
  }

  /// Writes and opens a base of Llama's type.
  func base(_ tensors: [MadeTensor]) throws -> Checkpoint {
    try base(#"{"model_type": "llama"}"#, tensors)
  }

  /// Writes and opens a base.
  func base(_ config: String, _ tensors: [MadeTensor]) throws -> Checkpoint {
    try write(config, to: "base/config.json")
    try write(tensors, to: "base/model.safetensors")
    return try Checkpoint(opening: path.appending("base"))
  }
}

/// A tensor to be written.
struct MadeTensor {
  let name: String
  var dtype = DType.f32
  let extents: [Int]

  init(_ name: String, _ extents: [Int], _ dtype: DType = .f32) {
    self.name = name
    self.extents = extents
    self.dtype = dtype
  }

  /// The factors of a linear layer.
  static func pair(_ module: String, rank: Int = 2, out: Int, in count: Int) -> [MadeTensor] {
    [
      MadeTensor("base_model.model.\(module).lora_A.weight", [rank, count]),
      MadeTensor("base_model.model.\(module).lora_B.weight", [out, rank]),
    ]
  }
}

/// What an opening threw, as one text.
func refusal(_ body: () throws -> Adapter) -> String {
  do {
    let adapter = try body()
    return "opened with \(adapter.updates.count) updates"
  } catch let error as AdapterError {
    switch error {
    case .unsupported(_, let what, _): return "unsupported: \(what)"
    case .malformedConfiguration(_, let rule): return "the configuration \(rule)"
    case .inconsistent(_, let rule): return "the adapter \(rule)"
    case .notAnAdapter(_, let what, let candidates):
      return "not an adapter: \(what) \(candidates.map(\.name))"
    case .empty: return "empty"
    case .tensor(.notATensorFile(_, let what)): return "not a tensor file: \(what)"
    default: return "\(error)"
    }
  } catch {
    return "\(error)"
  }
}
