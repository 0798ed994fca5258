internal import Adapters

/// Where a module stands in its model, by its path: `model.layers.3.mlp.up_proj` is `mlp.up_proj` of
/// layer 3 of `model.layers`.
struct LayerPlace: Hashable {
  /// The path up to the first number; empty where there is none.
  let stack: String
  /// The first number; nil for a module that belongs to no layer.
  let layer: Int?
  /// The path behind it, or the whole path.
  let member: String

  init(_ module: TargetModule) {
    let segments = module.path.split(separator: ".").map(String.init)
    guard let position = segments.firstIndex(where: { Int($0) != nil }) else {
      (stack, layer, member) = ("", nil, module.path)
      return
    }
    stack = segments[..<position].joined(separator: ".")
    layer = Int(segments[position])
    member = segments[(position + 1)...].joined(separator: ".")
  }
}
