import Compute
import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// The two factors of deltas that are stored in other forms.
@Suite struct ExactFactorsTests {
  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  @Test(arguments: [
    "lora", "adalora", "vera", "loha", "loha_conv", "loha_conv_effective", "lokr",
    "lokr_decompose_both", "lokr_full_w2", "lokr_conv", "lokr_conv_effective", "lora_xs",
    "mora_type1", "mora_type2", "mora_type3", "mora_type4", "lora_embedding", "lora_conv1d_gpt2",
  ])
  func `whatever has two factors merges by them to the same weights`(name: String) throws {
    let place = Fixtures.peft.appending(name)
    let adapter = try Adapter(opening: place)
    let base = try Checkpoint(
      opening: Fixtures.peft.appending(Path(adapter.declaredBase ?? "").name))
    let settled = try adapter.settled(on: base)
    let updates = try settled.updates.map { update in
      let delta = try #require(update.delta)
      let factors = try #require(delta.exactFactors)
      let bound = try #require(delta.rankBound)
      #expect(bound <= factors.rank)
      #expect(bound <= min(factors.productExtents.rows, factors.productExtents.columns))
      return WeightUpdate(target: update.target, change: .delta(.lowRank(factors)))
    }
    var options = MergeOptions()
    options.dtype = .f32
    let plan = try MergePlan(
      base: base, adapters: [WeightedAdapter(settled.with(updates: updates))], options: options)
    let path = folder.path.appending("merged")
    _ = try plan.write(to: path, tool: "test", execution: .small)
    let merged = try Checkpoint(opening: path)
    let expected = try TensorFile(opening: place.appending("expected_merged.safetensors"))
    for info in expected.tensors {
      let wanted = PlainElements.values(try expected.bytes(of: info), of: info.dtype)
      let largest = wanted.reduce(0) { max($0, abs($1)) }
      let error = zip(try merged.values(info.name), wanted).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(error <= 2e-6 * largest, "\(info.name) is off by \(error / largest)")
    }
  }

  @Test func `a rotary MoRA and multiplied weights have none`() throws {
    for name in ["mora_type6", "ia3", "oft"] {
      let adapter = try Adapter(opening: Fixtures.peft.appending(name))
      let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
      let updates = try adapter.settled(on: base).updates
      #expect(updates.allSatisfy { $0.delta?.exactFactors == nil })
    }
  }
}
