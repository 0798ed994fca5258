internal import JSON
internal import Tensors

extension ConversionSource {
  /// kohya: `lora_unet_….lora_down.weight` with an alpha for each module.
  func kohya() throws(AdapterError) -> ConvertedFiles {
    try requirePlain(
      allowsMagnitudes: true, allowsKernels: true, allowsBiases: false, allowsTurned: false)
    var tensors: [DraftTensor.Named] = []
    var names: [String: TargetModule] = [:]
    let hasSecondEncoder = modules.contains {
      DiffusersNames.component(of: $0.target.path) == "text_encoder_2"
    }
    for module in modules {
      let name = DiffusersNames.kohya(module.target.path, hasSecondEncoder: hasSecondEncoder)
      if let earlier = names.updateValue(module.target, forKey: name) {
        throw unsupported(
          "\(earlier) and \(module.target), whose names are one without dots",
          "Write it with --to diffusers or --to peft.")
      }
      // 0 and none mean the rank there.
      guard module.scale != 0 else {
        throw unsupported("a scale of 0 (\(module.target))", "Write it with --bake-scale.")
      }
      tensors.append(
        (
          TensorName("\(name).alpha"),
          DraftTensor(module.scale * Double(module.rank), as: .f32)
        ))
      if let magnitude = module.magnitude {
        tensors.append(
          (
            TensorName("\(name).dora_scale"),
            DraftTensor(
              magnitude, extents: [module.b.rows, 1] + module.ones, as: module.type(of: magnitude))
          ))
      }
      tensors += try pair("\(name).lora_down.weight", "\(name).lora_up.weight", module)
    }
    return ConvertedFiles(
      tensors,
      metadata: [
        ("ss_network_dim", String(modules.map(\.rank).max() ?? 0)),
        ("ss_network_module", "networks.lora"),
      ])
  }

  /// diffusers: `unet.….lora_A.weight`, ranks and alphas in the file's own notes.
  func diffusers() throws(AdapterError) -> ConvertedFiles {
    try requirePlain(
      allowsMagnitudes: true, allowsKernels: true, allowsBiases: true, allowsTurned: false)
    var tensors: [DraftTensor.Named] = []
    var components: [String: [ModuleDraft]] = [:]
    for module in modules {
      guard let name = DiffusersNames.diffusers(module.target.path),
        let component = DiffusersNames.component(of: name)
      else {
        throw unsupported(
          "\(module.target), which is in no model of a diffusion pipeline",
          "Write it with --to peft.")
      }
      let factors = try pair("\(name).lora_A.weight", "\(name).lora_B.weight", module)
      tensors += factors
      let magnitude = module.magnitude.map { magnitude in
        DraftTensor(
          magnitude,
          extents: module.ones.isEmpty ? [module.b.rows] : [1, module.b.rows] + module.ones,
          as: module.type(of: magnitude))
      }
      let bias = module.bias.map { DraftTensor($0, as: module.type(of: $0)) }
      if let magnitude {
        tensors.append((TensorName("\(name).lora_magnitude_vector"), magnitude))
      }
      if let bias { tensors.append((TensorName("\(name).lora_B.bias"), bias)) }
      components[String(component), default: []].append(
        ModuleDraft(
          TargetModule(String(name.dropFirst(component.count + 1))), a: factors[0].tensor,
          b: factors[1].tensor, scaling: module.scale, magnitude: magnitude, bias: bias))
    }
    // Each component has the settings that PEFT would have for it alone.
    let kept = [
      "alpha_pattern", "lora_alpha", "lora_bias", "r", "rank_pattern", "target_modules", "use_dora",
      "use_rslora",
    ]
    var notes: [JSONValue.Member] = []
    for (component, modules) in components.sorted(by: { $0.key < $1.key }) {
      let document = PEFTConfigurationDraft(AdapterDraft(modules: modules)).document
      for key in kept {
        if let value = document[key] { notes.append(.init("\(component).\(key)", value)) }
      }
    }
    return ConvertedFiles(
      tensors,
      metadata: [
        ("format", "pt"), ("lora_adapter_metadata", JSONValue.object(notes).text()),
      ])
  }

  /// A `[rank, in, k…]` and B `[out, rank, 1…]` under their names.
  private func pair(
    _ down: String, _ up: String, _ module: ConvertedModule
  ) throws(AdapterError) -> [DraftTensor.Named] {
    [
      (
        TensorName(down),
        try made(
          module.a, [module.rank] + module.placement.extents.dropFirst(), module.dtype,
          module.target)
      ),
      (
        TensorName(up),
        try made(
          module.b, [module.b.rows, module.rank] + module.ones, module.dtype, module.target)
      ),
    ]
  }
}
