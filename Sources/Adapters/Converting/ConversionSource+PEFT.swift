internal import JSON
internal import Tensors

extension ConversionSource {
  /// A draft of PEFT's LoRA with the same scalings; replacements and rows go along.
  func peft() throws(AdapterError) -> AdapterDraft {
    try requireOneComponent()
    let flags = Set(modules.map(\.placement.isFanInFanOut))
    guard flags.count < 2 else {
      throw unsupported(
        "weights stored both as [in, out] and [out, in]", "Write it with --to dense.")
    }
    guard Set(modules.map { $0.magnitude != nil }).count < 2 else {
      throw unsupported(
        "DoRA's magnitudes on some modules only", "Merge it into its base instead.")
    }
    if modules.isEmpty { throw .nothingToMerge([adapter.path]) }
    var drafts: [ModuleDraft] = []
    for module in modules {
      drafts.append(
        ModuleDraft(
          bare(module.target),
          a: try made(
            module.a, [module.rank] + module.placement.extents.dropFirst(), module.dtype,
            module.target),
          b: try made(
            module.b, [module.b.rows, module.rank] + module.ones, module.dtype, module.target),
          scaling: module.scale, layout: module.isTurned ? .transposed : .product,
          magnitude: module.magnitude.map {
            DraftTensor(
              $0,
              extents: module.ones.isEmpty
                ? [$0.shape.elementCount] : [1, $0.shape.elementCount] + module.ones,
              as: module.type(of: $0))
          },
          bias: module.bias.map { DraftTensor($0, as: module.type(of: $0)) }))
    }
    let whole = carried.map { update in
      WeightUpdate(
        target: TargetParameter(bare(update.target.module), update.target.parameter),
        change: update.change)
    }
    var draft = AdapterDraft(
      modules: drafts, carried: whole, declaredBase: adapter.declaredBase,
      isFanInFanOut: flags.contains(true), sources: sources)
    if adapter.format == .peft {
      let document = try? JSONValue(parsing: adapter.configBytes)
      draft.taskType = document?["task_type"]?.string
    }
    return draft
  }

  /// A module's path without the pipeline's component.
  private func bare(_ module: TargetModule) -> TargetModule {
    guard let component = DiffusersNames.component(of: module.path) else { return module }
    return TargetModule(String(module.path.dropFirst(component.count + 1)))
  }

  private func requireOneComponent() throws(AdapterError) {
    let components = Set(modules.map { DiffusersNames.component(of: $0.target.path) })
    guard components.count > 1 else { return }
    throw unsupported(
      "updates of several models ("
        + components.map { $0.map(String.init) ?? "no component" }.sorted()
        .joined(separator: ", ") + ")",
      "Write it with --to diffusers or --to kohya, which keep models apart.")
  }
}
