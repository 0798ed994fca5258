public import Files
public import JSON

/// What is wrong with a tensor file: which file, which rule.
public enum TensorError: Error, Hashable, Sendable {
  /// The file system refused.
  case file(FileError)
  /// The file breaks a rule of its format; `rule` completes "the file …".
  case malformed(Path, format: TensorFormat, rule: String)
  /// One tensor of the file breaks a rule; `rule` completes "the tensor …".
  case malformedTensor(Path, TensorName, rule: String)
  /// The file is not a tensor file at all; `what` says what it looks like.
  case notATensorFile(Path, what: String)
  /// The file is sound, and is of a kind that is not computed with: a noun for a sentence, and what
  /// the user can do instead.
  case unsupported(Path, what: String, advice: String)
  /// A directory has no tensor file that can be read.
  case noTensors(Path)
  /// The index of a sharded checkpoint does not fit its shards; `rule` completes "the index …".
  case inconsistentIndex(Path, rule: String)
  /// A JSON document beside the weights is broken.
  case malformedDocument(Path, JSONError)
  /// The file names a Python object that is not data; it is refused unread.
  case forbiddenGlobal(Path, global: String)
}

/// The container formats that hold tensors.
public enum TensorFormat: String, Hashable, Sendable {
  /// https://github.com/huggingface/safetensors
  case safetensors
  /// `torch.save` since PyTorch 1.6: a zip of a pickle and raw storages.
  case pytorchZip = "pytorch-zip"
  /// `torch.save` before PyTorch 1.6: pickles followed by raw storages.
  case pytorchLegacy = "pytorch-legacy"
  /// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; its elements are read where each stands for
  /// itself.
  case gguf
  /// Not a container: tensors computed from quantised ones as they are read.
  case dequantised
}
