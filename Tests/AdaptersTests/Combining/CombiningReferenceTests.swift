import Compute
import Files
import Tensors
import Testing

@testable import Adapters

/// The methods beside the values that `fixtures/peft/algorithms.py` computes with NumPy in double
/// precision: fixtures `lora` and `rslora`, weights 0.7 and 0.3, one weight.
@Suite struct CombiningReferenceTests {
  /// Factors are single precision, and what is formed is rounded to it: entries are right to a few
  /// 2⁻²⁴ of the largest; 10⁻⁵ leaves room for the condition of singular vectors.
  static let tolerance = 1e-5

  static func deltas() throws -> [FactoredDelta] {
    try ["lora", "rslora"].map { name in
      let adapter = try Adapter(opening: Fixtures.peft.appending(name))
      let update = try #require(
        adapter.updates.first { $0.target.module == "model.layers.0.self_attn.q_proj" })
      return FactoredDelta(try #require(update.factors).loaded(.best))
    }
  }

  private static func matrix(_ info: TensorInfo, _ file: TensorFile) throws -> RealMatrix {
    let (rows, columns) = info.shape.matrix
    let values = try StoredTensor(info, in: file).floats(form: .best)
    return RealMatrix(rows: rows, columns: columns, elements: values.map(Double.init))
  }

  static func expected(_ name: String) throws -> RealMatrix {
    for number in 1...2 {
      let file = try TensorFile(
        opening: Fixtures.peft.appending("expected_combinations_\(number).safetensors"))
      if let info = file.tensors.first(where: { $0.name.text == name }) {
        return try matrix(info, file)
      }
    }
    throw TensorError.noTensors(Fixtures.peft)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let options: CombineOptions
    var weights = [0.7, 0.3]
    var rank: Int?
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "linear_delta(svd,cat)", options: .made(.linear)),
    Case(name: "linear_delta(svd,cat)", options: .made(.cat)),
    Case(name: "svd_rank4", options: .made(.svd), rank: 4),
    Case(name: "ties_peft_d0.5", options: .made(.ties) { $0.density = 0.5 }),
    Case(
      name: "ties_peft_frequency_d0.5",
      options: .made(.ties) { ($0.density, $0.majority) = (0.5, .frequency) }),
    Case(
      name: "ties_svd_peft_d0.5_rank4", options: .made(.ties) { $0.density = 0.5 }, rank: 4),
    Case(
      name: "ties_mergekit_d0.5_normalized",
      options: .made(.ties) { ($0.density, $0.majority, $0.divisor) = (0.5, .weighted, .weights) }
    ),
    Case(
      name: "magnitude_prune_d0.5", options: .made(.magnitudePrune) { $0.density = 0.5 }),
    Case(
      name: "breadcrumbs_d0.9_g0.01",
      options: .made(.breadcrumbs) { ($0.density, $0.gamma) = (0.9, 0.01) }),
    Case(name: "knots_ties_d0.5_sum", options: .made(.knots) { $0.density = 0.5 }),
    Case(name: "tsv_k4", options: .made(.tsv), weights: [1, 1]),
    Case(name: "iso_c", options: .made(.isoC), weights: [1, 1]),
    Case(name: "model_stock", options: .made(.modelStock), weights: [1, 1]),
    Case(name: "slerp_t0.3", options: .made(.slerp) { $0.t = 0.3 }, weights: [1, 1]),
    Case(name: "slerp_t0.3", options: .made(.slerp)),
  ]

  @Test(arguments: cases)
  func `methods give the reference's values`(_ reference: Case) throws {
    var found = try MadeDeltas.combined(
      try Self.deltas(), reference.weights, reference.options)
    if let rank = reference.rank {
      let best = try SingularValueDecomposition(of: found).truncated(to: rank)
      found = FactoredDelta(best).product
    }
    #expect(found.deviation(from: try Self.expected(reference.name)) < Self.tolerance)
  }

  /// `fixtures/combined-by-peft`: PEFT computes in single precision, and its SVD too.
  static let byPEFT = [
    Case(name: "svd_rank4", options: .made(.svd), rank: 4),
    Case(name: "ties_svd_d0.4_rank64", options: .made(.ties) { $0.density = 0.4 }),
    Case(
      name: "ties_svd_frequency_d0.4_rank64",
      options: .made(.ties) { ($0.density, $0.majority) = (0.4, .frequency) }),
    Case(name: "ties_svd_d0.4_rank6", options: .made(.ties) { $0.density = 0.4 }, rank: 6),
    Case(
      name: "dare_linear_svd_d0.3_rank64",
      options: .made(.dare) { ($0.density, $0.seed) = (0.3, 5) }),
    Case(
      name: "dare_ties_svd_d0.3_rank64",
      options: .made(.dareTIES) { ($0.density, $0.seed) = (0.3, 5) }),
    Case(
      name: "magnitude_prune_svd_d0.3_rank64",
      options: .made(.magnitudePrune) { $0.density = 0.3 }),
  ]

  @Test(arguments: byPEFT)
  func `methods give PEFT's values`(_ reference: Case) throws {
    var found = try MadeDeltas.combined(
      try Self.deltas(), reference.weights, reference.options)
    if let rank = reference.rank {
      let best = try SingularValueDecomposition(of: found).truncated(to: rank)
      found = FactoredDelta(best).product
    }
    let file = try TensorFile(
      opening: Fixtures.package.appending("fixtures/combined-by-peft/expected.safetensors"))
    let info = try #require(file.tensors.first { $0.name.text == reference.name })
    let expected = try Self.matrix(info, file)
    #expect(found.deviation(from: expected) < Self.tolerance)
  }

  @Test func `the deltas themselves are the reference's`() throws {
    let deltas = try Self.deltas()
    for (delta, name) in zip(deltas, ["delta_a", "delta_b"]) {
      #expect(delta.product.deviation(from: try Self.expected(name)) < Self.tolerance)
    }
  }
}
