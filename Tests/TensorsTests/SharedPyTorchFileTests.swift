import Files
import Tensors
import TestSupport
import Testing

/// Files that other people's programs wrote, where they are at hand.
///
/// The last number is the checksum over one line a tensor, sorted: name, dtype, shape and the
/// checksum of the bytes that `torch.load` gives.
@Suite struct SharedPyTorchFileTests {
  static let files: [(path: String, tensorCount: Int, checksum: UInt32)] = [
    ("peft/lora_bin_legacy/adapter_model.bin", 28, 49578588),
    ("peft/lora_bin_zip/adapter_model.bin", 28, 49578588),
    ("peft/torchtune_lora/adapter_model.pt", 28, 2786064959),
    ("real/adapters/cloneofsimo-sd15-pt/contents/lora_illust.pt", 256, 2907812891),
    ("real/adapters/cloneofsimo-sd15-pt/lora_kiriko2.text_encoder.pt", 96, 2395837611),
    ("real/adapters/cloneofsimo-sd15-pt/lora_kiriko2.ti.pt", 1, 1640436031),
    (
      "real/adapters/peft-opt125m-bnb4bit/lora_opt-125m_bnb_4bit/0.5.0/adapter_model.bin", 48,
      241838167
    ),
    ("real/adapters/wujindou-bloom-560m-bin/adapter_model.bin", 48, 2345930934),
    ("real/odd/alpaca-lora-empty/zander-alpaca-batch256-epoch2/adapter_model.bin", 0, 0),
    ("real/odd/alpaca-lora-empty/zander-alpaca/adapter_model.bin", 0, 0),
    ("real/odd/peft-ia3-mt0/mt0-large_IA3_SEQ_2_SEQ_LM/adapter_model.bin", 192, 3005353500),
  ]

  private func summary(_ path: Path) throws -> (tensorCount: Int, checksum: UInt32) {
    let file = try TensorFile(opening: path)
    let lines = try file.tensors.map { tensor in
      let checksum = CRC32.of(try file.bytes(of: tensor))
      return "\(tensor.name) \(tensor.dtype.rawValue) \(tensor.shape) \(checksum)\n"
    }
    return (lines.count, CRC32.of(lines.sorted().joined().utf8))
  }

  @Test(.enabled(if: Fixtures.shared != nil), arguments: files)
  func `a real file is read as torch.load reads it`(
    path: String,
    tensorCount: Int,
    checksum: UInt32
  ) throws {
    let summary = try summary(#require(Fixtures.shared).appending(path))
    #expect(summary.tensorCount == tensorCount)
    #expect(summary.checksum == checksum)
  }

  @Test(arguments: ["lora_bin_zip", "lora_bin_legacy"])
  func `both containers hold the same adapter`(name: String) throws {
    let path = Fixtures.folder.appending("peft/\(name)/adapter_model.bin")
    #expect(try summary(path) == (28, 49_578_588))
  }
}
