public import Tensors

extension Adapter {
  /// Pairs every update with exactly one tensor of a base. Reads no payload.
  ///
  /// A target is found by its exact name, by the name that transformers gives it in files of the
  /// base's model type, with one leading module added or taken away, or by the only name of the base
  /// that ends alike and has the right shape. What is not found is collected and thrown at once,
  /// with near misses, unless `allowingUnmatched`; nothing found at all throws in any case.
  ///
  /// Throws where a shape does not fit, where two updates change one tensor, and where the base is
  /// quantised.
  public func bound(
    to base: Checkpoint,
    allowingUnmatched: Bool = false
  ) throws(AdapterError) -> AdapterBinding {
    if let method = base.quantisation {
      throw .unsupported(
        base.path,
        what: "a base quantised by \(method)",
        advice: "Name the full-precision weights that it was made from as the base."
      )
    }
    var binder = Binder(adapter: self, base: base)
    for update in try settled(on: base).updates { try binder.bind(update) }
    let unmatched = binder.unmatchedTargets()
    if !unmatched.isEmpty, !allowingUnmatched || binder.bindings.isEmpty {
      throw .unmatched(adapter: path, base: base.path, unmatched)
    }
    if let misfit = binder.misfit { throw misfit }
    return AdapterBinding(
      bindings: binder.bindings,
      unmatched: unmatched,
      notes: binder.notes
    )
  }
}
