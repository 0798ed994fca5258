import Files
import Foundation
import TestSupport
import Testing

/// How often a command waits for the disk, whatever the size of what it stores.
@Suite(.enabled(if: Tracing.isPossible)) struct SyncCountTests {
  private static let syncs = "fsync,fdatasync,sync_file_range,syncfs,sync,msync"

  private let session: StoreSession

  init() throws { session = try StoreSession() }

  /// A LoRA of 448 matrices, as one for a model of 32 layers and 7 modules has.
  private func write(seed: UInt64) throws {
    var header: [String: Any] = [:]
    var data = Data()
    var generator = SeededGenerator(seed: seed)
    for layer in 0..<32 {
      for module in ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"] {
        for (factor, shape) in [("A", [2, 16]), ("B", [16, 2])] {
          header["base_model.model.model.layers.\(layer).x.\(module).lora_\(factor).weight"] = [
            "dtype": "BF16", "shape": shape, "data_offsets": [data.count, data.count + 64],
          ]
          data.append(contentsOf: (0..<64).map { _ in UInt8(generator.index(below: 256)) })
        }
      }
    }
    #expect(header.count == 448)
    let text = try JSONSerialization.data(withJSONObject: header)
    let folder = session.work.appending("a")
    try folder.createDirectories()
    let count = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
    try (count + text + data).write(
      to: URL(fileURLWithPath: folder.appending("adapter_model.safetensors").text))
    let configuration = #"{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["x"]}"#
    try Data(configuration.utf8).write(
      to: URL(fileURLWithPath: folder.appending("adapter_config.json").text))
  }

  /// The syncs of a command, by all of its threads.
  private func count(_ arguments: String...) throws -> Int {
    let outcome = try Tracing(folder: session.program.folder.path).run(
      ["-C", "work"] + arguments, in: StoreSession.environment, tracing: Self.syncs)
    #expect(outcome.code == 0, "\(outcome.errors)")
    return outcome.callCount
  }

  @Test func `an adapter of 448 tensors is stored with four syncs a command`() throws {
    try write(seed: 1)
    #expect(try count("add", "a") == 4)
    #expect(try count("commit", "-m", "first") <= 4)
    try write(seed: 2)
    #expect(try count("commit", "-m", "second", "a") == 4)
    #expect(try count("status") == 0)
    #expect(StoreSession.problems(session.work) == [])
  }
}
