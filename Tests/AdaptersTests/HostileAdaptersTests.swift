import Files
import Foundation
import Tensors
import TestSupport
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

/// Mutations of the containers and the names of the other layouts.
@Suite struct HostileLayoutsTests {
  /// How many mutations of each file are tried.
  static let count =
    ProcessInfo.processInfo.environment["ADAPTERCTL_SLOW_TESTS"] != nil ? 3_000 : 60

  @Test(arguments: [
    ("gguf_lora", "adapter.gguf", 2_000), ("torchtune_lora", "adapter_model.pt", 6_000),
    ("lora_bin_legacy", "adapter_model.bin", 4_000), ("mlx_lora", "adapters.safetensors", 3_500),
    ("mlx_lora", "adapter_config.json", 200), ("torchtune_lora", "adapter_config.json", 100),
    ("lycoris_locon", "adapter.safetensors", 900),
    ("lycoris_locon_dora_out", "adapter.safetensors", 1_000),
  ])
  func `mutations are right or refused, and never trap`(
    name: String, changed: String, headerCount: Int
  ) throws {
    let source = Fixtures.peft.appending(name)
    let base = try Checkpoint(
      opening: Fixtures.peft.appending(name.hasPrefix("lycoris") ? "base_conv" : "base"))
    var files: [(name: String, bytes: [UInt8])] = []
    for name in try source.entryNames() where !name.hasPrefix("expected") {
      files.append(
        (name, try FileReader.contents(of: source.appending(name), limit: 1 << 24)))
    }
    let folder = try MadeFolder()
    let adapter = folder.path.appending("adapter")
    try adapter.createDirectories()
    for (name, bytes) in files where name != changed {
      try FileWriter.write(bytes, creating: adapter.appending(name))
    }
    let whole = try #require(files.first { $0.name == changed }).bytes
    var generator = SeededGenerator(seed: 41)
    var outcomes = (opened: 0, refused: 0)
    for _ in 0..<Self.count {
      var bytes = whole
      for _ in 0..<1 + generator.index(below: 3) {
        let place = generator.index(below: min(headerCount, bytes.count))
        switch generator.index(below: 4) {
        case 0: bytes[place] = UInt8(generator.index(below: 256))
        case 1: bytes[place] ^= 1 << UInt8(generator.index(below: 8))
        case 2: bytes[place] = UInt8(32 + generator.index(below: 95))
        default: bytes.removeLast(min(bytes.count - 1, generator.index(below: 64)))
        }
      }
      let file = adapter.appending(changed)
      try FileWriter.write(bytes, creating: file)
      do {
        _ = try Adapter(opening: adapter).bound(to: base, allowingUnmatched: true)
        outcomes.opened += 1
      } catch {
        outcomes.refused += 1
      }
      try file.removeTree()
    }
    #expect(outcomes.opened + outcomes.refused == Self.count)
    #expect(outcomes.refused > 0)
  }
}
