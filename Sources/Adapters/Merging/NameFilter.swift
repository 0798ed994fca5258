public import Tensors

/// Which tensors a command may touch, by globs over their names.
///
/// `*` stands for any characters, dots included, `?` for one. A name passes when it matches some
/// included glob, or none is given, and no excluded one.
public struct NameFilter: Sendable, Hashable {
  /// The globs of which one must match.
  public var included: [String] = []
  /// The globs of which none may match.
  public var excluded: [String] = []

  /// A filter that lets everything pass.
  public init() {}

  /// Whether a name passes.
  public func admits(_ name: TensorName) -> Bool {
    let text = Array(name.text)
    func matches(_ glob: String) -> Bool { Self.match(Array(glob), text) }
    return (included.isEmpty || included.contains(where: matches))
      && !excluded.contains(where: matches)
  }

  /// Glob matching in linear space: on a mismatch, the last star takes one character more.
  private static func match(_ glob: [Character], _ text: [Character]) -> Bool {
    var (g, t) = (0, 0)
    var star: (glob: Int, text: Int)?
    while t < text.count {
      if g < glob.count, glob[g] == "*" {
        star = (g, t)
        g += 1
      } else if g < glob.count, glob[g] == "?" || glob[g] == text[t] {
        g += 1
        t += 1
      } else if let last = star {
        star = (last.glob, last.text + 1)
        g = last.glob + 1
        t = last.text + 1
      } else {
        return false
      }
    }
    return glob[g...].allSatisfy { $0 == "*" }
  }
}
