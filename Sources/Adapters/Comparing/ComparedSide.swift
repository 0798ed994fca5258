public import Files
public import JSON
public import Tensors

/// One side of a comparison: what stands at a path, opened as far as it is understood.
public struct ComparedSide: Sendable {
  /// Where it is.
  public let path: Path
  /// What it is.
  public let recognition: AdapterRecognition
  /// The adapter, where its layout is understood.
  public let adapter: Adapter?
  /// The files of tensors.
  public let files: [TensorFile]
  /// The settings: an adapter's configuration, a model's `config.json`.
  public let configuration: JSONValue?

  /// Opens the headers of an adapter of any readable layout, or of a model; `name` is what the user
  /// knows it by, where its files stand elsewhere.
  public init(opening path: Path, as name: Path? = nil) throws(AdapterError) {
    self.path = name ?? path
    recognition = try AdapterRecognition(of: path)
    switch recognition {
    case .adapter:
      let adapter = try Adapter(opening: path)
      self.adapter = adapter
      files = [adapter.file]
      configuration = try? JSONValue(parsing: adapter.configBytes)
    case .foreignAdapter(_, let what, _):
      adapter = nil
      let located = try AdapterFiles(locating: path)
      configuration = located.configuration?.document
      do { files = [try TensorFile(opening: located.weights)] } catch {
        throw .unsupported(
          path, what: what,
          advice: "Its tensors cannot be read here: compare the files that it was made from.")
      }
    case .checkpoint, .mergedModel:
      adapter = nil
      let model: Checkpoint
      do { model = try Checkpoint(opening: path) } catch { throw .tensor(error) }
      files = model.shards
      configuration = model.config
    case .unreadable(_, let reason): throw reason
    case .other(let what, let candidates):
      throw .notAnAdapter(path, what: what, candidates: candidates)
    }
  }

  /// The bytes of all tensors.
  public var byteCount: Int {
    files.reduce(0) { $0 + $1.tensors.reduce(0) { $0 + $1.byteCount } }
  }

  /// What it is, as a noun.
  var noun: String {
    switch recognition {
    case .adapter: return "an adapter"
    case .foreignAdapter(_, let what, _): return what
    default: return "a full model"
    }
  }
}
