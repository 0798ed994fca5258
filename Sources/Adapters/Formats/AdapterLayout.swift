internal import Files
internal import JSON
internal import Tensors

/// A layout other than PEFT's that is read: how it is known, and how its tensors become updates.
struct AdapterLayout: Sendable {
  /// What its adapters are shown as.
  let format: AdapterFormat
  /// Whether an adapter is of this kind.
  let matches: @Sendable (AdapterClues) -> Bool
  /// Turns every tensor of the file into an update, or throws. Reads no payload but single numbers.
  let read: @Sendable (AdapterSource) throws(AdapterError) -> Contents

  /// What a reader makes of an adapter.
  struct Contents {
    let method: AdapterMethod
    let updates: [WeightUpdate]
    var declaredBase: String?
    var notes: [String] = []
  }

  /// Every layout of this kind; the first match wins.
  static let all: [AdapterLayout] = [gguf, mlx, torchtune, kohya, diffusers]

  /// The layout that the clues fit; nil where they fit none of these.
  static func matching(_ clues: AdapterClues) -> AdapterLayout? { all.first { $0.matches(clues) } }
}

/// The open files of an adapter, for a layout to read.
struct AdapterSource {
  /// The open file of weights.
  let file: TensorFile
  /// The configuration beside it, where there is one.
  let configuration: AdapterFiles.Configuration?

  /// The file's path, for errors.
  var path: Path { file.reader.path }

  /// The value of a note in the file; nil where it has none under this key.
  func note(_ key: String) -> String? { file.metadata.first { $0.key == key }?.value }

  /// The error for tensors that contradict one another; `rule` completes "the adapter …".
  func broken(_ rule: String) -> AdapterError { .inconsistent(path, rule: rule) }

  /// The configuration's fields; throws where there is no configuration. `purpose` says what the
  /// layout keeps in it.
  func fields(for layout: String, holding purpose: String) throws(AdapterError)
    -> ConfigurationFields
  {
    guard let configuration else {
      throw .notAnAdapter(
        path,
        what: "the weights of \(layout) without the \(AdapterFiles.configurationName) that holds "
          + purpose, candidates: [])
    }
    return ConfigurationFields(configuration)
  }
}
