internal import Compute
internal import Tensors

extension LoadedDelta {
  /// One adapter's share of a delta.
  struct Term {
    let delta: Delta
    let weight: Double
    let isTransposed: Bool
    /// What row `i` of the product is multiplied by besides: DoRA's factors; nil for nothing.
    let rowFactors: [Float]?
  }

  /// Loads the terms of one tensor of the given extents; throws where a factor is unreadable or not
  /// finite.
  init(_ terms: [Term], rows: Int, columns: Int, form: KernelForm) throws(AdapterError) {
    var stacked: [DeltaFactors.Term] = []
    for term in terms {
      guard case .lowRank(let factors) = term.delta else { continue }
      stacked.append(.init(factors, term))
    }
    var parts: [Part] = []
    if !stacked.isEmpty { parts.append(.product(try FactorProduct(stacked, form: form))) }
    for term in terms {
      if let part = try Self.part(term, form: form) { parts.append(part) }
    }
    self.init(parts: parts, rows: rows, columns: columns)
  }

  /// A part by itself; nil for factors, which are stacked.
  private static func part(_ term: Term, form: KernelForm) throws(AdapterError) -> Part? {
    switch term.delta {
    case .lowRank: return nil
    case .hadamard(let one, let other):
      let plain = Term(
        delta: term.delta, weight: 1, isTransposed: term.isTransposed, rowFactors: nil)
      return .hadamard(
        try FactorProduct([.init(one, term)], form: form),
        try FactorProduct([.init(other, plain)], form: form))
    case .kronecker(let product):
      var left = try product.left.matrix(form: form)
      let right = try product.right.matrix(form: form)
      left.scale(by: Float(term.weight * product.scaling.factor))
      return .kronecker(
        KroneckerProduct(
          left: term.isTransposed ? left.transposed : left,
          right: term.isTransposed ? right.transposed : right,
          factors: term.rowFactors.map { ($0, term.isTransposed) }))
    case .tiledBlocks(let tiles):
      var blocks = try tiles.blocks.matrix(form: form)
      blocks.scale(by: Float(term.weight))
      return .tiledBlocks(
        TiledBlockProduct(
          blocks: blocks, columns: tiles.placement.matrix.columns, isTransposed: term.isTransposed,
          rowFactors: term.rowFactors))
    case .stack(let factors):
      var products: [FactorProduct] = []
      for product in factors {
        products.append(try FactorProduct([.init(product, term)], form: form))
      }
      return .stack(products)
    case .open: preconditionFailure("binding settles open updates")
    case .stored(let stored, let factor):
      let share = Float(term.weight * factor)
      return .values(try stored.floats(form: form).map { $0 * share })
    }
  }
}

extension DeltaFactors.Term {
  fileprivate init(_ factors: LowRank, _ term: LoadedDelta.Term) {
    self.init(
      factors: factors, weight: term.weight, isTransposed: term.isTransposed,
      rowFactors: term.rowFactors)
  }
}

extension FactorProduct {
  fileprivate init(_ terms: [DeltaFactors.Term], form: KernelForm) throws(AdapterError) {
    let factors = try DeltaFactors(terms, form: form)
    self.init(left: factors.left, right: factors.right, form: form)
  }
}
