import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// What does not go together is refused by name, and nothing is left behind.
@Suite struct CombineRefusalTests {
  private static func error(
    _ folder: MadeFolder, _ adapters: [(Adapter, Double)], _ options: CombineOptions,
    selection: RankSelection? = nil, old: Adapter? = nil
  ) throws -> AdapterError? {
    let before = try folder.path.entryNames()
    do {
      _ = try CombinePlanTests.write(
        adapters, options, selection: selection, in: folder, old: old)
      return nil
    } catch let error as AdapterError {
      #expect(try folder.path.entryNames() == before)
      return error
    }
  }

  private static func combination(_ error: AdapterError?) -> CombinationError? {
    if case .combination(let error)? = error { return error }
    return nil
  }

  @Test func `DoRA depends on its base`() throws {
    let folder = try MadeFolder()
    let dora = try Adapter(opening: Fixtures.peft.appending("dora"))
    let lora = try Adapter(opening: Fixtures.peft.appending("lora"))
    guard
      case .dependsOnBase(_, _, .dora)? = Self.combination(
        try Self.error(folder, [(lora, 1), (dora, 1)], CombineOptions(.linear)))
    else {
      Issue.record("DoRA was not refused")
      return
    }
  }

  @Test func `other extents and layouts do not go together`() throws {
    let folder = try MadeFolder()
    let a = try CombinePlanTests.adapter(folder, "a", rank: 2, seed: 1)
    let wide = try folder.adapter(
      CombinePlanTests.tensors(rank: 2, seed: 2, columns: 15),
      settings: [#""r": 2"#, #""lora_alpha": 4"#], named: "wide")
    let turned = try folder.adapter(
      CombinePlanTests.tensors(rank: 2, seed: 2),
      settings: [#""r": 2"#, #""lora_alpha": 4"#, #""fan_in_fan_out": true"#], named: "turned")
    for other in [wide, turned] {
      guard
        case .formsDiffer? = Self.combination(
          try Self.error(folder, [(a, 1), (other, 1)], CombineOptions(.cat)))
      else {
        Issue.record("\(other.path) was not refused")
        continue
      }
    }
  }

  @Test func `tensors that are brought whole must be equal`() throws {
    let folder = try MadeFolder()
    func adapter(_ name: String, seed: UInt64, whole: UInt64) throws -> Adapter {
      try folder.adapter(
        CombinePlanTests.tensors(rank: 2, seed: seed) + [
          FilledTensor("base_model.model.head.weight", [4, 3], seed: whole)
        ],
        settings: [#""r": 2"#, #""lora_alpha": 4"#, #""modules_to_save": ["head"]"#], named: name)
    }
    let (a, same) = (try adapter("a", seed: 1, whole: 9), try adapter("b", seed: 2, whole: 9))
    let other = try adapter("c", seed: 3, whole: 8)
    guard
      case .wholeTensorsDiffer(let target, _, _)? = Self.combination(
        try Self.error(folder, [(a, 1), (other, 1)], CombineOptions(.linear)))
    else {
      Issue.record("differing tensors were not refused")
      return
    }
    #expect(target.description == "head.weight")
    let path = try CombinePlanTests.write([(a, 1), (same, 1)], CombineOptions(.cat), in: folder)
    let combined = try Adapter(opening: path)
    let kept = try #require(combined.updates.first { $0.isWhole })
    #expect(kept.target.description == "head.weight")
    #expect(
      try kept.tensors[0].floats(form: .best)
        == a.updates.first { $0.isWhole }?.tensors[0].floats(form: .best))
    try path.removeTree()
    // Of two sides one alone has changed it.
    let merged = try CombinePlanTests.write(
      [(same, 1), (other, 1)], CombineOptions(.cat), in: folder, old: a)
    let head = try #require(try Adapter(opening: merged).updates.first { $0.isWhole })
    #expect(
      try head.tensors[0].floats(form: .best)
        == other.updates.first { $0.isWhole }?.tensors[0].floats(form: .best))
  }

  @Test(arguments: [CombineMethod.linear, .cat, .svd, .magnitudePrune, .isoC])
  func `A − A is nothing, and an error`(_ method: CombineMethod) throws {
    let folder = try MadeFolder()
    let a = try CombinePlanTests.adapter(folder, "a", rank: 2, seed: 1)
    guard
      case .empty(method)? = Self.combination(
        try Self.error(folder, [(a, 1), (a, -1)], CombineOptions(method)))
    else {
      Issue.record("nothing was written as if it were something")
      return
    }
  }

  @Test func `factors that are not finite are named`() throws {
    let folder = try MadeFolder()
    var tensors = CombinePlanTests.tensors(rank: 2, seed: 1)
    tensors[1].bytes.replaceSubrange(0..<4, with: [0, 0, 0xC0, 0x7F])
    let bad = try folder.adapter(
      tensors, settings: [#""r": 2"#, #""lora_alpha": 4"#], named: "bad")
    for method in CombineMethod.allCases where method != .slerp {
      guard
        case .notFinite(_, "base_model.model.model.layers.0.q_proj.lora_B.weight", 1)? =
          try Self.error(folder, [(bad, 1)], CombineOptions(method))
      else {
        Issue.record("\(method) took a NaN")
        continue
      }
    }
  }

  @Test func `values that overflow are refused`() throws {
    let folder = try MadeFolder()
    var tensors = CombinePlanTests.tensors(rank: 2, seed: 1)
    for index in tensors.indices {
      tensors[index] = FilledTensor(
        tensors[index].name, tensors[index].extents,
        values: tensors[index].values.map { $0 * 1e38 })
    }
    let huge = try folder.adapter(
      tensors, settings: [#""r": 2"#, #""lora_alpha": 4"#], named: "huge")
    for method in [CombineMethod.linear, .ties, .dare, .knots, .tsv, .isoC] {
      #expect(
        try Self.error(folder, [(huge, 1e30)], CombineOptions(method)) != nil, "\(method)")
    }
  }

  @Test(arguments: [
    (CombineMethod.ties, 0.0), (.ties, 1.5), (.ties, -1), (.ties, .nan), (.dare, 0), (.knots, 2),
  ])
  func `densities are shares above 0`(method: CombineMethod, density: Double) {
    let options = CombineOptions.made(method) { $0.density = density }
    #expect(options.brokenRule(weights: [1, 1]) != nil)
  }

  @Test func `options are those of the method`() {
    func isFine(
      _ method: CombineMethod, _ weights: [Double] = [1, 1],
      _ change: (inout CombineOptions) -> Void = { _ in }
    ) -> Bool {
      CombineOptions.made(method, change).brokenRule(weights: weights) == nil
    }
    for method in CombineMethod.allCases { #expect(isFine(method), "\(method)") }
    #expect(!isFine(.linear) { $0.density = 0.5 })
    #expect(!isFine(.linear) { $0.majority = .total })
    #expect(!isFine(.ties) { $0.t = 0.5 })
    #expect(!isFine(.ties) { $0.epsilon = 0.1 })
    #expect(!isFine(.dare) { $0.gamma = 0.1 })
    #expect(!isFine(.della) { ($0.density, $0.epsilon) = (0.3, 0.4) })
    #expect(!isFine(.della) { ($0.density, $0.epsilon) = (0.9, 0.2) })
    #expect(isFine(.della) { $0.density = 0.02 })
    #expect(isFine(.della) { $0.density = 1 })
    #expect(!isFine(.breadcrumbs) { $0.gamma = 1 })
    #expect(!isFine(.slerp, [1]))
    #expect(!isFine(.slerp, [1, 1, 1]))
    #expect(!isFine(.slerp, [1, -1]))
    #expect(isFine(.slerp, [0.7, 0.3]) { $0.t = 0.3 })
    #expect(!isFine(.slerp, [0.7, 0.3]) { $0.t = 0.4 })
    #expect(!isFine(.slerp) { $0.t = 1.1 })
    #expect(!isFine(.modelStock, [0.5, 0.5]))
    #expect(!isFine(.linear) { $0.lambda = .infinity })
    #expect(!isFine(.linear, []))
  }
}
