import Compute
import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// The engine against a plain twin: the same numbers, bit for bit, from loops over single elements.
@Suite struct MergeTwinTests {
  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  /// Extents that no vector width, panel or strip divides.
  static let (rows, columns) = (67, 93)
  static let module = "model.layers.0.self_attn.q_proj"

  /// One adapter's factors, as the twin takes them.
  struct Term {
    let a: FilledTensor
    let b: FilledTensor
    let weight: Double
    var magnitude: FilledTensor?
    var rank: Int { b.extents[1] }

    init(rank: Int, seed: UInt64, weight: Double = 1, hasMagnitude: Bool = false) {
      let pair = FilledTensor.factors(
        MergeTwinTests.module,
        rank: rank,
        out: rows,
        in: columns,
        deviation: 0.01,
        seed: seed
      )
      a = pair[0]
      b = pair[1]
      self.weight = weight
      if hasMagnitude {
        magnitude = FilledTensor.magnitude(MergeTwinTests.module, rows, norm: 0.2, seed: seed + 2)
      }
    }
  }

  /// The scaling of every adapter here: alpha 8 over the rank.
  static func scaling(_ term: Term) -> Double { 8 / Double(term.rank) }

  /// B's rows times the factor, rounded once, `[rows, rank]`.
  static func scaled(_ b: [Float], by factor: Double) -> [Float] {
    b.map { $0 * Float(factor) }
  }

  /// Element `(row, column)` of left · right, k ascending, each step a fused multiply-add.
  static func entry(
    _ left: [Float],
    _ right: [Float],
    depth: Int,
    row: Int,
    column: Int,
    onto start: Float = 0
  ) -> Float {
    var sum = start
    for k in 0..<depth {
      sum = sum.addingProduct(left[row * depth + k], right[k * columns + column])
    }
    return sum
  }

  /// c = m / ‖W + ΔW‖ for each row, and 1 where the norm is 0.
  static func magnitudes(_ term: Term, base: [Float]) -> [Float]? {
    guard let magnitude = term.magnitude?.values else { return nil }
    let left = scaled(term.b.values, by: scaling(term))
    let right = term.a.values
    return (0..<rows).map { row in
      var squares = 0.0
      for column in 0..<columns {
        let delta = entry(left, right, depth: term.rank, row: row, column: column)
        let value = Double(base[row * columns + column] + delta)
        squares += value * value
      }
      return Float(Double(magnitude[row]) / squares.squareRoot())
    }
  }

  /// The merged elements as bits.
  static func merged(_ base: FilledTensor, _ terms: [Term], as dtype: DType) -> [UInt64] {
    let weights = base.values
    let magnitudes = terms.map { Self.magnitudes($0, base: weights) }
    let lefts = zip(terms, magnitudes).map { term, factors in
      var left = scaled(term.b.values, by: term.weight * scaling(term))
      if let factors {
        for index in left.indices { left[index] *= factors[index / term.rank] }
      }
      return left
    }
    let rights = terms.map(\.a.values)
    return (0..<rows * columns).map { index in
      let (row, column) = (index / columns, index % columns)
      var delta: Float = 0
      for (position, term) in terms.enumerated() {
        delta = entry(
          lefts[position],
          rights[position],
          depth: term.rank,
          row: row,
          column: column,
          onto: delta
        )
      }
      var gain = 0.0
      for (term, factors) in zip(terms, magnitudes) {
        if let factors { gain += term.weight * (Double(factors[row]) - 1) }
      }
      let hasGain = magnitudes.contains { $0 != nil }
      let value =
        hasGain
        ? delta.addingProduct(Float(1 + gain), weights[index]) : weights[index] + delta
      return PlainElements.bits(of: value, as: dtype)
    }
  }

  @Test(arguments: [DType.bf16, .f16, .f32], [DType.bf16, .f16, .f32])
  func `a LoRA, a weighted sum and DoRA merge as the twin does`(
    type: DType,
    output: DType
  ) throws {
    let base = FilledTensor("\(Self.module).weight", [Self.rows, Self.columns], type, seed: 100)
    let checkpoint = try folder.base([base])
    let cases: [(name: String, terms: [Term])] = [
      ("lora", [Term(rank: 5, seed: 1)]),
      ("sum", [Term(rank: 5, seed: 1, weight: 0.7), Term(rank: 70, seed: 4, weight: -0.3)]),
      ("dora", [Term(rank: 3, seed: 7, hasMagnitude: true)]),
      (
        "mixed",
        [
          Term(rank: 3, seed: 7, weight: 0.7, hasMagnitude: true), Term(rank: 5, seed: 1),
          Term(rank: 2, seed: 10, weight: -0.5, hasMagnitude: true),
        ]
      ),
    ]
    for (name, terms) in cases {
      var adapters: [WeightedAdapter] = []
      for (position, term) in terms.enumerated() {
        let adapter = try folder.adapter(
          [term.a, term.b] + [term.magnitude].compactMap { $0 },
          settings: [#""r": \#(term.rank)"#, #""lora_alpha": 8"#]
            + (term.magnitude == nil ? [] : [#""use_dora": true"#]),
          named: "\(name)-\(position)"
        )
        adapters.append(WeightedAdapter(adapter, weight: term.weight))
      }
      var options = MergeOptions()
      options.dtype = output
      let plan = try MergePlan(base: checkpoint, adapters: adapters, options: options)
      let path = folder.path.appending("merged-\(name)")
      _ = try plan.write(to: path, tool: "test", execution: .small)
      let found = try Checkpoint(opening: path).bits(TensorName(base.name))
      let wanted = Self.merged(base, terms, as: output)
      let off = zip(found, wanted).count { $0 != $1 }
      #expect(found.count == wanted.count && off == 0, "\(name): \(off) of \(wanted.count) differ")
    }
  }
}
