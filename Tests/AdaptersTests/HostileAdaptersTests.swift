import Files
import Tensors
import Testing

@testable import Adapters

@Suite struct HostileAdaptersTests {
  /// A small generator, so that a failure can be repeated.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test(arguments: ["lora_patterns", "dora_conv", "lora_trainable_tokens", "lora_embedding_saved"])
  func `any changed byte opens or throws, and never traps`(name: String) throws {
    let source = Fixtures.peft.appending(name)
    let base = try Checkpoint(
      opening: Fixtures.peft.appending(name == "dora_conv" ? "base_conv" : "base")
    )
    let config = try FileReader.contents(
      of: source.appending("adapter_config.json"),
      limit: 1 << 20
    )
    let weights = try FileReader.contents(
      of: source.appending("adapter_model.safetensors"),
      limit: 1 << 24
    )
    let headerCount = 8 + Int(weights[0]) + Int(weights[1]) << 8 + Int(weights[2]) << 16
    var generator = Generator(state: 7)
    for round in 0..<150 {
      var (changedConfig, changedWeights) = (config, weights)
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let letter = UInt8.random(in: 32...126, using: &generator)
        if Bool.random(using: &generator) {
          changedConfig[Int.random(in: 0..<config.count, using: &generator)] = letter
        } else {
          changedWeights[Int.random(in: 8..<headerCount, using: &generator)] = letter
        }
      }
      let folder = try MadeFolder()
      let adapter = folder.path.appending("\(round)")
      try adapter.createDirectories()
      try FileWriter.write(changedConfig, creating: adapter.appending("adapter_config.json"))
      try FileWriter.write(changedWeights, creating: adapter.appending("adapter_model.safetensors"))
      do {
        _ = try Adapter(opening: adapter).bound(to: base, allowingUnmatched: true)
      } catch {
        // Typed: an AdapterError, whatever the byte was.
      }
    }
  }
}
