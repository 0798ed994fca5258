import Compute
import Files
import Parallel
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// Adapters combined from files to files.
@Suite struct CombinePlanTests {
  private static let modules = ["model.layers.0.q_proj", "model.layers.1.q_proj"]

  /// The tensors of an adapter of the given modules.
  static func tensors(
    rank: Int, seed: UInt64, modules: [String] = modules, rows: Int = 20, columns: Int = 14
  ) -> [FilledTensor] {
    modules.enumerated().flatMap { number, module in
      let own = seed * 100 + UInt64(number)
      return [
        FilledTensor(
          "base_model.model.\(module).lora_A.weight", [rank, columns], deviation: 0.3,
          seed: own * 2),
        FilledTensor(
          "base_model.model.\(module).lora_B.weight", [rows, rank], deviation: 0.3,
          seed: own * 2 + 1),
      ]
    }
  }

  private static func settings(_ rank: Int, _ more: [String] = []) -> [String] {
    [#""r": \#(rank)"#, #""lora_alpha": \#(2 * rank)"#, #""target_modules": ["q_proj"]"#] + more
  }

  static func adapter(
    _ folder: MadeFolder, _ name: String, rank: Int, seed: UInt64, modules: [String] = modules
  ) throws -> Adapter {
    try folder.adapter(
      tensors(rank: rank, seed: seed, modules: modules), settings: settings(rank), named: name)
  }

  static func members(_ adapters: [(Adapter, Double)]) throws -> [CombineMember] {
    try adapters.map { try CombineMember(WeightedAdapter($0, weight: $1), execution: .small) }
  }

  /// The bytes of the weights that a combination writes.
  static func written(
    _ adapters: [(Adapter, Double)], _ options: CombineOptions, selection: RankSelection? = nil,
    threads: Int = 2, in folder: MadeFolder, old: Adapter? = nil
  ) throws -> [UInt8] {
    let path = try write(
      adapters, options, selection: selection, threads: threads, in: folder, old: old)
    let bytes = try FileReader.contents(
      of: path.appending("adapter_model.safetensors"), limit: 1 << 24)
    try path.removeTree()
    return bytes
  }

  static func write(
    _ adapters: [(Adapter, Double)], _ options: CombineOptions, selection: RankSelection? = nil,
    threads: Int = 2, in folder: MadeFolder, old: Adapter? = nil
  ) throws -> Path {
    let path = folder.path.appending("out-\(options.method.rawValue)")
    let plan = try CombinePlan(
      try members(adapters), ancestor: try old.map { try members([($0, 1)])[0] },
      options: options, selection: selection)
    _ = try plan.write(
      to: path, execution: Execution(workers: Workers(count: threads)))
    return path
  }

  static func delta(_ adapter: Adapter, _ module: String) throws -> RealMatrix {
    let update = try #require(adapter.updates.first { $0.target.module.path == module })
    return try #require(update.delta).factored(.small).product
  }

  @Test func `other ranks, scalings and formats go together, and PEFT's files come out`() throws {
    let folder = try MadeFolder()
    let a = try Self.adapter(folder, "a", rank: 3, seed: 1)
    let b = try folder.adapter(
      Self.tensors(rank: 5, seed: 2), settings: Self.settings(5, [#""use_rslora": true"#]),
      named: "b")
    let path = try Self.write([(a, 0.7), (b, -0.3)], CombineOptions(.linear), in: folder)
    let combined = try Adapter(opening: path)
    #expect(combined.method == .lora)
    #expect(combined.updates.count == 2)
    for module in Self.modules {
      let sum = try Self.delta(a, module).times(0.7).plus(try Self.delta(b, module).times(-0.3))
      // Each factor is rounded to single precision once.
      #expect(try Self.delta(combined, module).deviation(from: sum) < 1e-6)
      let update = try #require(combined.updates.first { $0.target.module.path == module })
      #expect(update.factors?.rank == 8)
      #expect(update.factors?.scaling.factor == 1)
    }
  }

  @Test func `a weight that an adapter lacks counts as zero and is told`() throws {
    let folder = try MadeFolder()
    let a = try Self.adapter(folder, "a", rank: 3, seed: 1)
    let b = try Self.adapter(folder, "b", rank: 2, seed: 2, modules: [Self.modules[1]])
    let plan = try CombinePlan(
      try Self.members([(a, 1), (b, 1)]), options: CombineOptions(.ties))
    #expect(plan.notes.contains { $0.contains("no update of 1 of the 2 weights") })
    let path = try Self.write([(a, 2), (b, 1)], CombineOptions(.cat), in: folder)
    let combined = try Adapter(opening: path)
    #expect(
      try Self.delta(combined, Self.modules[0])
        .deviation(from: try Self.delta(a, Self.modules[0]).times(2)) < 1e-6)
  }

  @Test(arguments: CombineMethod.allCases)
  func `bytes depend neither on threads nor on the order of tensors`(_ method: CombineMethod) throws
  {
    let folder = try MadeFolder()
    let a = try Self.adapter(folder, "a", rank: 3, seed: 1)
    let b = try Self.adapter(folder, "b", rank: 4, seed: 2)
    let turned = try folder.adapter(
      Self.tensors(rank: 4, seed: 2).reversed(), settings: Self.settings(4), named: "c")
    let options = CombineOptions(method)
    let bytes = try Self.written([(a, 1), (b, 1)], options, threads: 1, in: folder)
    #expect(try Self.written([(a, 1), (b, 1)], options, threads: 2, in: folder) == bytes)
    #expect(try Self.written([(a, 1), (turned, 1)], options, threads: 2, in: folder) == bytes)
  }

  @Test(arguments: CombineMethod.allCases.filter { !$0.isSum && $0 != .slerp })
  func `bytes do not depend on the order of adapters`(_ method: CombineMethod) throws {
    let folder = try MadeFolder()
    let members = try (0..<3).map {
      (
        try Self.adapter(folder, "a\($0)", rank: 2 + $0, seed: UInt64($0)),
        method == .modelStock ? 1 : [0.5, 1.5, -0.25][$0]
      )
    }
    let options = CombineOptions(method)
    let bytes = try Self.written(members, options, in: folder)
    #expect(try Self.written([members[2], members[0], members[1]], options, in: folder) == bytes)
  }

  @Test(arguments: CombineMethod.allCases.filter { $0 != .slerp })
  func `an adapter of the weight 0 changes no byte`(_ method: CombineMethod) throws {
    let folder = try MadeFolder()
    let a = try Self.adapter(folder, "a", rank: 3, seed: 1)
    let b = try Self.adapter(folder, "b", rank: 4, seed: 2)
    let c = try Self.adapter(folder, "c", rank: 2, seed: 3)
    let options = CombineOptions(method)
    #expect(
      try Self.written([(a, 1), (c, 0), (b, 1)], options, in: folder)
        == Self.written([(a, 1), (b, 1)], options, in: folder))
  }

  @Test func `of two adapters SLERP leaves the one whose partner has the weight 0`() throws {
    let folder = try MadeFolder()
    let a = try Self.adapter(folder, "a", rank: 3, seed: 1)
    let b = try Self.adapter(folder, "b", rank: 4, seed: 2)
    for (weights, wanted) in [((1.0, 0.0), a), ((0.0, 2.0), b)] {
      let path = try Self.write(
        [(a, weights.0), (b, weights.1)], CombineOptions(.slerp), in: folder)
      let combined = try Adapter(opening: path)
      for module in Self.modules {
        #expect(
          try Self.delta(combined, module).deviation(from: try Self.delta(wanted, module)) < 1e-6)
      }
      try path.removeTree()
    }
  }

  @Test(arguments: CombineMethod.allCases.filter(\.isRandom))
  func `masks depend on seed, weight and contents`(_ method: CombineMethod) throws {
    let folder = try MadeFolder()
    let a = try Self.adapter(folder, "a", rank: 3, seed: 1)
    let copy = try Self.adapter(folder, "somewhere/else", rank: 3, seed: 1)
    var options = CombineOptions(method)
    let bytes = try Self.written([(a, 1)], options, in: folder)
    #expect(try Self.written([(copy, 1)], options, in: folder) == bytes)
    options.seed = 1
    #expect(try Self.written([(a, 1)], options, in: folder) != bytes)
  }

  @Test func `A + B − OLD is what three ways of one adapter give`() throws {
    let folder = try MadeFolder()
    let old = try Self.adapter(folder, "old", rank: 3, seed: 1)
    let a = try Self.adapter(folder, "a", rank: 4, seed: 2)
    let b = try Self.adapter(folder, "b", rank: 2, seed: 3)
    let path = try Self.write([(a, 1), (b, 1)], CombineOptions(.linear), in: folder, old: old)
    let combined = try Adapter(opening: path)
    for module in Self.modules {
      let sum = try Self.delta(a, module).plus(try Self.delta(b, module))
        .plus(try Self.delta(old, module).times(-1))
      #expect(try Self.delta(combined, module).deviation(from: sum) < 1e-6)
    }
  }

  @Test(arguments: [CombineMethod.linear, .ties, .knots, .tsv, .breadcrumbsTIES])
  func `what one side alone has changed is taken over`(_ method: CombineMethod) throws {
    let folder = try MadeFolder()
    let old = try Self.adapter(folder, "old", rank: 3, seed: 1)
    let b = try Self.adapter(folder, "b", rank: 3, seed: 3)
    let options = CombineOptions.made(method) { options in
      if method.hasDensity { options.density = 1 }
      if method == .breadcrumbsTIES { options.gamma = 0 }
    }
    let path = try Self.write([(old, 1), (b, 1)], options, in: folder, old: old)
    let combined = try Adapter(opening: path)
    for module in Self.modules {
      #expect(
        try Self.delta(combined, module).deviation(from: try Self.delta(b, module)) < 1e-5)
    }
  }

  @Test func `rank rules hold, and what they leave out is what is missing`() throws {
    let folder = try MadeFolder()
    let a = try Self.adapter(folder, "a", rank: 4, seed: 1)
    let b = try Self.adapter(folder, "b", rank: 4, seed: 2)
    for method in [CombineMethod.svd, .ties, .slerp] {
      let plan = try CombinePlan(
        try Self.members([(a, 1), (b, 1)]), options: CombineOptions(method),
        selection: RankSelection(.exactly(3)))
      let whole = try CombinePlan(
        try Self.members([(a, 1), (b, 1)]), options: CombineOptions(method),
        selection: RankSelection(.exactly(.max)))
      let path = folder.path.appending("\(method)")
      let report = try plan.write(to: path, execution: .small)
      let all = folder.path.appending("\(method)-whole")
      _ = try whole.write(to: all, execution: .small)
      for outcome in report.outcomes {
        let module = outcome.weight.target.module.path
        let exact = try Self.delta(try Adapter(opening: all), module)
        let missing = exact.plus(try Self.delta(try Adapter(opening: path), module).times(-1))
        #expect(outcome.rank == 3)
        #expect(abs(missing.frobeniusNorm - outcome.frobeniusError) < 1e-4 * outcome.norm)
        let spectral = try SingularValueDecomposition.values(of: missing)[0]
        #expect(abs(spectral - outcome.spectralError) < 1e-4 * outcome.norm)
      }
    }
    let size = RankSelection(.size(2000))
    let bytes = try Self.written(
      [(a, 1), (b, 1)], CombineOptions(.ties), selection: size, in: folder)
    // One rank takes (20 + 14) · 4 bytes.
    #expect(bytes.count <= 2000 && bytes.count > 2000 - 2 * 34 * 4)
  }
}
