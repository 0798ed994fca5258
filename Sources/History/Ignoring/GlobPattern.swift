/// A pattern of file names as git's ignore files have it, matched byte by byte.
///
/// Matching follows all possibilities at once instead of going back, so its time is bounded by the
/// pattern's length times the name's, whatever the pattern.
struct GlobPattern: Hashable, Sendable {
  /// One step of a pattern.
  enum Token: Hashable, Sendable {
    /// This byte.
    case byte(UInt8)
    /// One byte of the set, never a slash.
    case oneOf(ByteSet)
    /// Any number of bytes other than the slash: `*`.
    case withinName
    /// Any number of any bytes: `**` at the end.
    case anything
    /// Skips the next step or enters it: in front of the `throughSlash` of a `**/`.
    case optional
    /// Any bytes up to and with some slash.
    case throughSlash
  }

  /// The steps, first to last.
  var tokens: [Token] = []

  /// Whether the whole of `name` is what the pattern describes.
  func matches(_ name: ArraySlice<UInt8>) -> Bool {
    // Most names fail here, of which there are as many as files, for each of many rules.
    if case .byte(let first) = tokens.first, name.first != first { return false }
    if case .byte(let last) = tokens.last, name.last != last { return false }
    var reached = [Bool](repeating: false, count: tokens.count + 1)
    reached[0] = true
    skipForward(&reached)
    var next = reached
    for byte in name {
      for index in next.indices { next[index] = false }
      var isAlive = false
      for (index, token) in tokens.enumerated() where reached[index] {
        let (stays, moves) = Self.step(token, over: byte)
        if stays { next[index] = true }
        if moves { next[index + 1] = true }
        isAlive = isAlive || stays || moves
      }
      guard isAlive else { return false }
      skipForward(&next)
      swap(&reached, &next)
    }
    return reached[tokens.count]
  }

  /// Whether a byte keeps matching at a step, and whether it may lead behind the step.
  private static func step(_ token: Token, over byte: UInt8) -> (stays: Bool, moves: Bool) {
    let isSlash = byte == UInt8(ascii: "/")
    switch token {
    case .byte(let expected): return (false, byte == expected)
    case .oneOf(let set): return (false, !isSlash && set.contains(byte))
    case .withinName: return (!isSlash, false)
    case .anything: return (true, false)
    case .optional: return (false, false)
    case .throughSlash: return (true, isSlash)
    }
  }

  /// Marks every step that can be reached from a marked one without a byte.
  private func skipForward(_ reached: inout [Bool]) {
    for (index, token) in tokens.enumerated() where reached[index] {
      switch token {
      case .withinName, .anything: reached[index + 1] = true
      case .optional:
        reached[index + 1] = true
        reached[index + 2] = true
      case .byte, .oneOf, .throughSlash: break
      }
    }
  }
}
