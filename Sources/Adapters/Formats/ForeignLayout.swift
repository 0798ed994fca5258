internal import Files
internal import JSON
internal import Tensors

/// What an unread adapter shows of itself.
struct AdapterClues {
  /// The weights file.
  let weights: Path
  /// The configuration beside it.
  let configuration: JSONValue?
  /// The tensors in it; empty while the file has not been opened.
  let tensors: [TensorInfo]

  /// Whether a tensor's name fits.
  func hasName(where fits: (String) -> Bool) -> Bool { tensors.contains { fits($0.name.text) } }

  /// PEFT's name of the method, in capitals; nil where the configuration is not PEFT's.
  var peftType: String? { configuration?["peft_type"]?.string?.uppercased() }

  /// Whether the configuration sets `key` to something other than null, false or nothing at all.
  func sets(_ key: String) -> Bool {
    switch configuration?[key] {
    case nil, .null, .bool(false), .array([]), .object([]): return false
    default: return true
    }
  }
}

/// A layout or a method that is recognised and refused by name.
struct ForeignLayout: Sendable {
  /// Its short name, which never changes: `mlx`, `peft: loha`.
  let name: @Sendable (AdapterClues) -> String
  /// What it is, as a noun: `an MLX adapter`.
  let what: @Sendable (AdapterClues) -> String
  /// What the user can do instead, as a sentence.
  let advice: String
  /// Whether an adapter is of this kind.
  let matches: @Sendable (AdapterClues) -> Bool

  /// A layout known by some clue.
  init(
    _ name: String,
    _ what: String,
    advice: String,
    matches: @escaping @Sendable (AdapterClues) -> Bool
  ) {
    self.init(name: { _ in name }, what: { _ in what }, advice: advice, matches: matches)
  }

  /// A layout whose names depend on the clues.
  init(
    name: @escaping @Sendable (AdapterClues) -> String,
    what: @escaping @Sendable (AdapterClues) -> String,
    advice: String,
    matches: @escaping @Sendable (AdapterClues) -> Bool
  ) {
    self.name = name
    self.what = what
    self.advice = advice
    self.matches = matches
  }

  /// Every layout of this kind; the first match wins, so that the special stands before the general.
  static let all: [ForeignLayout] =
    [mlxArrays, mergedLinear, oldOFT] + otherPEFTMethods + tokenDependent
    + [layerReplication]
    + baseChangingInitialisations
    + [stableDiffusionPairs, stableDiffusionList, textualInversion]

  /// The layout that the clues fit; nil where they fit none of these.
  static func matching(_ clues: AdapterClues) -> ForeignLayout? {
    all.first { $0.matches(clues) }
  }

  /// Throws where the clues fit a layout that is refused.
  static func refuse(_ clues: AdapterClues) throws(AdapterError) {
    guard let layout = matching(clues) else { return }
    throw .unsupported(clues.weights, what: layout.what(clues), advice: layout.advice)
  }
}
