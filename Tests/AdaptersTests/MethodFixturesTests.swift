import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// Methods whose tensors fit a weight in more than one way, against weights that NumPy merged
/// (`fixtures/methods/generate.py`).
@Suite struct MethodFixturesTests {
  static let root = Fixtures.package.appending("fixtures").appending("methods")
  static let cases = [
    "conv1d_square", "experts_square", "experts_square_old", "experts_square_gpt_oss", "mha",
    "rslora_patterns", "dora_two", "mora_type1_23x17", "mora_type2_23x17", "mora_type3_9x31",
    "mora_type4_40x26", "mora_type6_23x17", "mora_type6_50x37", "lora_xs_joined", "lora_xs_named",
    "qalora", "bdlora", "merged_linear", "boft_butterfly", "oft_turned", "ia3_square",
    "projections_fused", "projections_split",
  ]

  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  private func opened(_ name: String) throws -> (Checkpoint, [WeightedAdapter]) {
    let place = Self.root.appending(name)
    var adapters = [try Adapter(opening: place.appending("adapter"))]
    let second = place.appending("adapter-2")
    if second.isDirectory { adapters.append(try Adapter(opening: second)) }
    let weights = adapters.count == 1 ? [1] : [0.7, 0.4]
    return (
      try Checkpoint(opening: place.appending("base")),
      zip(adapters, weights).map { WeightedAdapter($0, weight: $1) }
    )
  }

  /// The largest error of a merge, relative to the largest entry of the tensor it is in.
  private func error(_ name: String, _ adapters: [WeightedAdapter]) throws -> Float {
    let (base, _) = try opened(name)
    let plan = try MergePlan(base: base, adapters: adapters, options: MergeOptions())
    let path = folder.path.appending("merged-\(adapters[0].adapter.updates.count)")
    try path.removeTree()
    _ = try plan.write(to: path, tool: "test", execution: .small)
    let merged = try Checkpoint(opening: path)
    let expected = try TensorFile(
      opening: Self.root.appending(name).appending("expected.safetensors"))
    #expect(
      Set(plan.touched.map(\.name)) == Set(expected.tensors.map(\.name)), "the tensors that change")
    var worst: Float = 0
    for info in expected.tensors {
      let wanted = PlainElements.values(try expected.bytes(of: info), of: info.dtype)
      let found = try merged.values(info.name)
      try #require(found.count == wanted.count)
      let largest = wanted.reduce(0) { max($0, abs($1)) }
      worst = max(worst, zip(found, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest)
    }
    return worst
  }

  @Test(arguments: cases)
  func `a merge is what the definition gives`(name: String) throws {
    let error = try error(name, try opened(name).1)
    #expect(error <= 1e-6, "off by \(error)")
  }

  @Test(arguments: cases)
  func `a merge comes out again, every file byte for byte`(name: String) throws {
    let (base, adapters) = try opened(name)
    #expect(try folder.roundTrip(base, adapters).differences() == [])
  }

  @Test(arguments: ["oft_turned", "boft_butterfly"])
  func `a NaN of the base that would be mixed with others is named as the base's`(
    name: String
  ) throws {
    let (base, adapters) = try opened(name)
    let place = try #require(
      try MergePlan(base: base, adapters: adapters, options: MergeOptions()).touched.first?.source)
    let file = base.shards[place.shard]
    var bytes = try FileReader.contents(of: file.reader.path, limit: 1 << 24)
    // A quiet NaN of F32, little-endian.
    bytes.replaceSubrange(
      place.info.byteOffset..<place.info.byteOffset + 4, with: [0, 0, 0xC0, 0x7F])
    let path = folder.path.appending("bad.safetensors")
    try FileWriter.write(bytes, creating: path)
    let plan = try MergePlan(
      base: try Checkpoint(opening: path), adapters: adapters, options: MergeOptions())
    let output = folder.path.appending("bad-merged")
    let error = #expect(throws: AdapterError.self) {
      try plan.write(to: output, tool: "test", execution: .small)
    }
    guard case .notFinite(path, place.info.name, 1) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(output.kind == nil)
  }

  /// A wrong reading of a fixture: its closed updates with something else in their place.
  private func misread(
    _ name: String, _ change: (LowRank) throws -> LowRank
  ) throws -> Float {
    let (base, adapters) = try opened(name)
    let misread = try adapters.map { weighted in
      let settled = try weighted.adapter.settled(on: base)
      let updates = try settled.updates.map { update in
        guard let factors = update.delta?.exactFactors else { return update }
        return WeightUpdate(target: update.target, change: .delta(.lowRank(try change(factors))))
      }
      return WeightedAdapter(settled.with(updates: updates), weight: weighted.weight)
    }
    return try error(name, misread)
  }

  private func replaced(
    _ factors: LowRank, a: Factor? = nil, b: Factor? = nil, scaling: Scaling? = nil,
    layout: LowRank.Layout? = nil, isFanInFanOut: Bool? = nil
  ) -> LowRank {
    var placement = factors.placement
    placement.layout = layout ?? placement.layout
    placement.isFanInFanOut = isFanInFanOut ?? placement.isFanInFanOut
    return LowRank(
      a: a ?? factors.a, b: b ?? factors.b, scaling: scaling ?? factors.scaling,
      placement: placement)
  }

  @Test(arguments: ["lora_xs_joined", "lora_xs_named"])
  func `LoRA-XS without its R is another merge`(name: String) throws {
    let error = try misread(name) { replaced($0, a: .stored($0.a.tensors[1])) }
    #expect(error > 0.01)
    // R turned round, too.
    let turned = try misread(name) {
      replaced(
        $0, a: .product(Factor.stored($0.a.tensors[0]).transposed, .stored($0.a.tensors[1])))
    }
    #expect(turned > 0.01)
  }

  @Test(arguments: ["mora_type1_23x17", "mora_type2_23x17", "mora_type3_9x31", "mora_type4_40x26"])
  func `MoRA with alpha applied, or of another type, is another merge`(name: String) throws {
    #expect(try misread(name) { replaced($0, scaling: Scaling(alpha: 64, rank: 2)) } > 0.01)
    // Nine rows are fewer than the square has: both types take the same of them.
    guard name != "mora_type3_9x31" else { return }
    #expect(
      try misread(name) { factors in
        let side = factors.a.rows
        let square = Factor.stored(factors.b.tensors[0])
        let isGrouped = name.contains("type2") || name.contains("type4")
        let count = factors.b.rows
        return replaced(
          factors,
          b: square.selectingRows(
            isGrouped ? .cyclic(period: side, count: count) : .grouped(groups: side, count: count)))
      } > 0.01)
  }

  @Test func `MoRA read as LoRA fits no weight`() throws {
    let folder = Self.root.appending("mora_type1_23x17")
    let adapter = try Adapter(opening: folder.appending("adapter"))
    let square = try #require(adapter.updates.first?.tensors.first)
    let update = WeightUpdate(
      target: try #require(adapter.updates.first?.target),
      change: .delta(
        .lowRank(LowRank(a: square, b: square, scaling: Scaling(alpha: 64, rank: 2)))))
    let base = try Checkpoint(opening: folder.appending("base"))
    #expect(throws: AdapterError.self) { try adapter.with(updates: [update]).bound(to: base) }
  }

  @Test func `a square Conv1D without its flag is another merge`() throws {
    #expect(try misread("conv1d_square") { replaced($0, isFanInFanOut: false) } > 0.01)
  }

  @Test func `an output projection counted once is another merge`() throws {
    let error = try misread("mha") { factors in
      replaced(
        factors, scaling: factors.productExtents.rows == 16 ? Scaling(alpha: 4, rank: 2) : nil)
    }
    #expect(error > 0.01)
  }

  @Test func `square experts in the other order are another merge`() throws {
    for name in ["experts_square", "experts_square_old", "experts_square_gpt_oss"] {
      let (base, adapters) = try opened(name)
      let settled = try adapters[0].adapter.settled(on: base)
      let update = try #require(settled.updates.first)
      guard case .delta(.stack(let products)) = update.change else {
        Issue.record("no stack")
        return
      }
      let turned = products.map { product in
        LowRank(
          a: product.b.transposed, b: product.a.transposed, scaling: product.scaling,
          placement: product.placement)
      }
      let wrong = WeightUpdate(target: update.target, change: .delta(.stack(turned)))
      #expect(try error(name, [WeightedAdapter(settled.with(updates: [wrong]))]) > 0.01)
    }
  }

  @Test func `rsLoRA without its root, or with the adapter's rank, is another merge`() throws {
    #expect(
      try misread("rslora_patterns") {
        replaced($0, scaling: Scaling(alpha: $0.scaling.alpha, rank: $0.rank))
      } > 0.01)
    #expect(
      try misread("rslora_patterns") {
        replaced(
          $0, scaling: Scaling(alpha: $0.scaling.alpha, rank: 3, isRankStabilised: true))
      } > 0.01)
  }
}
