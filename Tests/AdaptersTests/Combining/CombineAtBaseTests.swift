import Compute
import Files
import Tensors
import Testing

@testable import Adapters

/// Adapters that depend on a base, combined as what they make of it: PEFT's merged weights less the
/// base's are the witness.
@Suite struct CombineAtBaseTests {
  private static func change(
    _ fixture: String, _ name: TensorName, _ base: Checkpoint
  ) throws -> RealMatrix {
    let old = try base.matrix(name)
    let file = try TensorFile(
      opening: Fixtures.peft.appending(fixture).appending("expected_merged.safetensors"))
    guard let info = file.tensors.first(where: { $0.name == name }) else {
      return old.times(0)
    }
    let (rows, columns) = info.shape.matrix
    let merged = Conversion.doubles(try file.bytes(of: info), of: info.dtype, form: .scalar)
    return RealMatrix(
      rows: rows, columns: columns, elements: zip(merged, old.elements).map { $0 - $1 })
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let one: String
    let other: String
    var base = "base"
    var testDescription: String { "\(one) and \(other)" }
  }

  @Test(arguments: [
    Case(one: "lora", other: "dora"), Case(one: "dora", other: "ia3"),
    Case(one: "oft", other: "boft"), Case(one: "dora_embedding", other: "lora_embedding"),
    Case(one: "lora_conv", other: "dora_conv", base: "base_conv"),
    Case(one: "dora_conv1d_gpt2", other: "lora_conv1d_gpt2", base: "base_gpt2"),
    Case(one: "mora_type2", other: "vera"),
  ])
  func `a sum at a base is the sum of what each makes of it`(_ reference: Case) throws {
    let folder = try MadeFolder()
    let base = try Checkpoint(opening: Fixtures.peft.appending(reference.base))
    let members = try [(reference.one, 1.0), (reference.other, -0.5)].map { name, weight in
      try CombineMember(
        WeightedAdapter(try Adapter(opening: Fixtures.peft.appending(name)), weight: weight),
        base: base, execution: .small)
    }
    // Every rank there is, so that nothing is left out.
    let plan = try CombinePlan(
      members, options: CombineOptions(.linear), selection: RankSelection(.exactly(.max)))
    let path = folder.path.appending("out")
    _ = try plan.write(to: path, execution: .small)
    var options = MergeOptions()
    options.dtype = .f32
    let merged = folder.path.appending("merged")
    _ = try MergePlan(
      base: base, adapters: [WeightedAdapter(try Adapter(opening: path))], options: options
    ).write(to: merged, tool: "test", execution: .small)
    let model = try Checkpoint(opening: merged)
    var changed = 0
    for name in base.names where base[name].map({ $0.info.shape.rank > 1 }) ?? false {
      let wanted = try Self.change(reference.one, name, base)
        .plus(try Self.change(reference.other, name, base).times(-0.5))
      let found = try model.matrix(name).plus(try base.matrix(name).times(-1))
      // The merged weight and PEFT's are rounded to single precision.
      let scale = try base.matrix(name).frobeniusNorm + wanted.frobeniusNorm
      #expect(found.plus(wanted.times(-1)).frobeniusNorm < 1e-5 * scale, "\(name)")
      if wanted.frobeniusNorm > 1e-3 * scale { changed += 1 }
    }
    #expect(changed > 0)
  }

  @Test func `without a rank the sum of the ranks is kept, and what is missing is told`() throws {
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    let folder = try MadeFolder()
    let members = try ["lora", "dora"].map { name in
      try CombineMember(
        WeightedAdapter(try Adapter(opening: Fixtures.peft.appending(name))), base: base,
        execution: .small)
    }
    let plan = try CombinePlan(members, options: CombineOptions(.linear))
    #expect(plan.notes.contains { $0.contains("right for that base alone") })
    let report = try plan.write(to: folder.path.appending("out"), execution: .small)
    let dependent = report.outcomes.filter(\.weight.dependsOnBase)
    #expect(!dependent.isEmpty)
    #expect(dependent.allSatisfy { $0.rank == $0.weight.rankBound && $0.frobeniusError > 0 })
    let others = report.outcomes.filter { !$0.weight.dependsOnBase }
    #expect(others.allSatisfy { $0.frobeniusError == 0 })
  }
}
