internal import Files
internal import Glibc
internal import JSON
internal import Tensors

extension Failure {
  /// What the file system refused.
  init(_ error: FileError) {
    switch error {
    case .notFound(let path):
      self.init(
        .usage, "not_found",
        path.text.isEmpty
          ? "An empty name was given for a file or folder." : "\(path) does not exist.")
    case .isDirectory(let path):
      self.init(.usage, "is_directory", "\(path) is a directory, where a file is needed.")
    case .notDirectory(let path):
      self.init(.usage, "not_directory", "\(path) is not a directory.")
    case .exists(let path):
      self.init(
        .usage, "exists", "\(path) exists already.",
        hint: "choose another name, or replace it with --force")
    case .notPermitted(let path):
      self.init(
        .usage, "not_permitted",
        "\(path) may not be read or written by this user, or its disk is read-only.")
    case .noSpace(let path):
      self.init(
        .budget, "no_space", "The disk is full at \(path); nothing was left behind.",
        hint: "free some space, or write to another disk")
    case .tooLarge(let path):
      self.init(
        .budget, "too_large",
        "\(path) would become larger than the file system or this user's limit allows; nothing was "
          + "left behind.",
        hint:
          "raise the limit (ulimit -f) or write to another file system; merge splits weights with "
          + "--max-shard-size")
    case .notRegular(let path):
      self.init(.usage, "not_regular", "\(path) is a device, a pipe or a socket, and no file.")
    case .truncated(let path, let offset, let wanted):
      self.init(
        .integrity, "truncated",
        "\(path) ends before the \(wanted) bytes that were to be read at \(offset).")
    case .failed(let path, let operation, let number):
      let reason = unsafe String(cString: strerror(number))
      self.init(.integrity, "file", "Could not \(operation) \(path): \(reason).")
    }
  }

  /// What is wrong with a file of tensors.
  init(_ error: TensorError) {
    switch error {
    case .file(let error): self.init(error)
    case .malformed(let path, let format, let rule):
      self.init(.integrity, "malformed", "\(path) is no sound \(format.rawValue) file: it \(rule).")
    case .malformedTensor(let path, let name, let rule):
      self.init(.integrity, "malformed_tensor", "\(path): the tensor \(name) \(rule).")
    case .notATensorFile(let path, let what):
      self.init(
        .integrity, "not_tensors", "\(path) is \(what).",
        hint: what.contains("LFS") ? "fetch the weights with: git lfs pull" : nil)
    case .unsupported(let path, let what, let advice):
      self.init(.unmatched, "unsupported", "\(path) is not supported: it is \(what).", hint: advice)
    case .noTensors(let path):
      self.init(
        .usage, "no_tensors", "\(path) has no file of weights (safetensors, .bin, .pt or .gguf).",
        hint: "name a model's directory, or the file itself")
    case .inconsistentIndex(let path, let rule):
      self.init(.integrity, "index", "The index \(path) \(rule).")
    case .malformedDocument(let path, let error):
      self.init(.integrity, "malformed_json", "\(path) is not JSON: \(Self.sentence(error)).")
    case .forbiddenGlobal(let path, let global):
      self.init(
        .integrity, "forbidden_global",
        "\(path) asks for the Python object \(global), which is no data; nothing was run.",
        hint: "re-save the adapter as safetensors where it was trained")
    }
  }

  /// What is wrong with a JSON document, as the end of a sentence.
  static func sentence(_ error: JSONError) -> String {
    switch error {
    case .malformed(let offset, let expected): return "\(expected) expected at byte \(offset)"
    case .duplicateKey(let key): return "the key \"\(key)\" stands twice"
    case .tooDeep(let limit): return "nested deeper than \(limit)"
    }
  }
}
