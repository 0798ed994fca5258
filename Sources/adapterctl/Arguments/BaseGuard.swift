internal import Adapters
internal import Digests
internal import History
internal import Tensors

/// Holds adapters of the repository to the base they were trained on.
enum BaseGuard {
  /// Something whose base the repository knows.
  struct Known {
    /// What the user calls it.
    let name: String
    /// The base it was trained on.
    let base: CheckpointID
  }

  /// Throws a failure with code 12 where the repository knows two adapters to belong to different
  /// bases.
  static func checkAlike(_ adapters: [AdapterOperand.Opened]) throws {
    let known = adapters.compactMap { adapter in
      adapter.snapshot?.base.map { (name: adapter.name, base: $0) }
    }
    guard let first = known.first, let other = known.first(where: { $0.base != first.base }) else {
      return
    }
    throw Failure(
      .wrongBase, "mixed_bases",
      "\(first.name) was trained on \(first.base.digest.short), and \(other.name) on "
        + "\(other.base.digest.short).",
      hint: "adapters go together only where they change the same base")
  }

  /// Throws a failure with code 12 where an adapter's snapshot names another base than the model; the
  /// tensors that differ are named where that base is registered.
  ///
  /// The model is hashed for it, or as much of it as has changed since it was hashed last.
  static func check(
    _ adapters: [AdapterOperand.Opened], base model: Checkpoint, _ global: GlobalOptions,
    _ compute: ComputeOptions
  ) throws {
    for adapter in adapters where adapter.snapshot?.hasUnknownBase == true {
      global.warn(
        "The base that \(adapter.name) was trained on is unknown to the repository, so it is held to "
          + "none. Name it with: adapterctl add PATH --base NAME.")
    }
    let wanted = adapters.compactMap { adapter in
      adapter.snapshot?.base.map { Known(name: adapter.name, base: $0) }
    }
    try check(wanted, base: model, global, compute)
  }

  /// The same of what is known already.
  static func check(
    _ wanted: [Known], base model: Checkpoint, _ global: GlobalOptions, _ compute: ComputeOptions
  ) throws {
    guard !wanted.isEmpty, let context = try RepositoryContext.ifAny(global) else { return }
    let actual = try compute.hashing(model, global) { execution in
      try BaseContents(of: model, cache: context.digestCache(), execution: execution)
    }
    guard let other = wanted.first(where: { $0.base != actual.checkpoint }) else { return }
    do {
      guard let name = try context.repository.name(ofBase: other.base) else {
        throw Failure(
          .wrongBase, "wrong_base",
          "\(other.name) was trained on \(other.base.digest.short), and \(model.path) is "
            + "\(actual.checkpoint.digest.short).",
          hint: "name the base that the adapter was trained on")
      }
      let base = try context.repository.base(named: name)
      throw HistoryError.wrongBase(
        name: name, registered: other.base, actual: actual.checkpoint,
        BaseDifference(of: actual, from: base).tensors.all)
    } catch let error as HistoryError { throw Failure(error) }
  }
}
