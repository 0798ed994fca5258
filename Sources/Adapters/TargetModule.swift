/// The dotted path of a module that an adapter changes, without PEFT's prefixes:
/// `model.layers.0.self_attn.q_proj`.
public struct TargetModule: Hashable, Comparable, Sendable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  /// The dotted path.
  public let path: String

  /// Takes a dotted path.
  public init(_ path: String) { self.path = path }

  /// A path known to the program.
  public init(stringLiteral path: String) { self.path = path }

  /// The dotted path.
  public var description: String { path }

  /// The last segment: `q_proj`.
  public var kind: String {
    path.split(separator: ".").last.map(String.init) ?? path
  }

  /// Whether the name is that of an input embedding.
  var isEmbedding: Bool {
    [
      "embed_tokens", "wte", "wpe", "word_embeddings", "embed_in", "tok_embeddings", "embedding",
    ].contains(kind)
  }

  /// Orders modules by their paths, numbers in them by value, so that layer 2 precedes layer 10.
  public static func < (left: TargetModule, right: TargetModule) -> Bool {
    let (a, b) = (left.path.split(separator: "."), right.path.split(separator: "."))
    for (x, y) in zip(a, b) where x != y {
      if let m = Int(x), let n = Int(y) { return m < n }
      return x < y
    }
    return a.count < b.count
  }
}

/// A parameter of a module: what one update of an adapter is aimed at.
public struct TargetParameter: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The module, as the adapter names it.
  public let module: TargetModule
  /// `weight`, `bias`, or another parameter's name.
  public let parameter: String

  /// A parameter of a module.
  public init(_ module: TargetModule, _ parameter: String = "weight") {
    self.module = module
    self.parameter = parameter
  }

  /// `module.parameter`
  public var description: String {
    module.path.isEmpty ? parameter : module.path + "." + parameter
  }

  /// Orders by module, then by parameter.
  public static func < (left: TargetParameter, right: TargetParameter) -> Bool {
    left.module == right.module ? left.parameter < right.parameter : left.module < right.module
  }
}
