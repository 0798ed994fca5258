internal import Files
internal import Tensors

/// Where a file is cut: at its contiguous tensors, whatever its container.
struct FileSegments {
  /// A part of the file.
  struct Part: Hashable {
    /// Its bytes.
    let range: Range<Int>
    /// The tensor that they are; nil for other bytes.
    let tensor: Tensor?
  }

  /// What a tensor's bytes are.
  struct Tensor: Hashable {
    let name: String
    let elementType: String
    let extents: [Int]
  }

  /// The file, open.
  let reader: FileReader
  /// The parts, without gaps from the file's first byte to its last.
  let parts: [Part]

  /// Opens a file and finds its tensors, where it is a file of tensors that can be read. Anything
  /// else is one part: a snapshot takes every file.
  init(_ path: Path) throws(FileError) {
    let reader = try FileReader(path)
    // Smaller than any container's header; and asking the tensor reader would open it again.
    guard reader.byteCount > 16 else {
      self.init(reader, tensors: [])
      return
    }
    if let header = try? GGUFHeader(reading: reader) {
      self.init(reader, tensors: header.tensors.map(Part.init))
      return
    }
    guard let file = try Self.tensors(of: path) else {
      self.init(reader, tensors: [])
      return
    }
    self.init(
      file.reader,
      tensors: file.tensors.compactMap { info in
        guard info.strides == nil else { return nil }
        return Part(
          range: info.byteOffset..<info.byteOffset + info.byteCount,
          tensor: Tensor(
            name: info.name.text, elementType: info.dtype.rawValue, extents: info.shape.extents))
      })
  }

  /// A file of tensors; nil for what is none, or a damaged one. That it could not be looked at is no
  /// reason to store it otherwise.
  private static func tensors(of path: Path) throws(FileError) -> TensorFile? {
    do throws(TensorError) {
      return try TensorFile(opening: path)
    } catch {
      switch error {
      case .file(.truncated): return nil
      case .file(let error): throw error
      default: return nil
      }
    }
  }

  /// The file cut at these tensors; of those that overlap the first counts.
  private init(_ reader: FileReader, tensors: [Part]) {
    var parts: [Part] = []
    var end = 0
    let sorted = tensors.filter { !$0.range.isEmpty && $0.range.upperBound <= reader.byteCount }
      .sorted {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      }
    for part in sorted where part.range.lowerBound >= end {
      if part.range.lowerBound > end {
        parts.append(Part(range: end..<part.range.lowerBound, tensor: nil))
      }
      parts.append(part)
      end = part.range.upperBound
    }
    if end < reader.byteCount { parts.append(Part(range: end..<reader.byteCount, tensor: nil)) }
    self.reader = reader
    self.parts = parts
  }
}

extension FileSegments.Part {
  /// A tensor of a GGUF file. Where its elements stand for themselves it is the object that it would
  /// be from any other file; quantised, its type has ggml's name with `ggml:` before it.
  init(_ tensor: GGUFHeader.Tensor) {
    self.init(
      range: tensor.byteOffset..<tensor.byteOffset + tensor.byteCount,
      tensor: FileSegments.Tensor(
        name: tensor.name.text,
        elementType: tensor.dtype?.rawValue ?? TensorObject.quantisedPrefix + tensor.type.name,
        extents: tensor.shape.extents))
  }
}
