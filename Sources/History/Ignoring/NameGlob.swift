/// A pattern for the names of refs: `*` for any characters but a slash, `**` for any, `?` for one, `[…]`
/// for one of some.
public struct NameGlob: Sendable {
  private let pattern: GlobPattern?

  /// A pattern.
  public init(_ text: String) { pattern = GlobPattern(Array(text.utf8)) }

  /// Whether a name matches as a whole.
  public func matches(_ name: String) -> Bool {
    pattern?.matches(Array(name.utf8)[...]) ?? false
  }
}
