internal import Digests
public import Tensors

/// How a model on the disk differs from a registered base.
public struct BaseDifference: Hashable, Sendable {
  /// Names that two sides have or lack, sorted.
  public struct Names<Name: Hashable & Comparable & Sendable>: Hashable, Sendable {
    /// Both have it, with different content.
    public let differing: [Name]
    /// The model lacks it.
    public let missing: [Name]
    /// The base lacks it.
    public let extra: [Name]

    init<Content: Equatable>(_ model: [Name: Content], _ base: [Name: Content]) {
      differing = base.filter { name, content in
        model[name].map { $0 != content } ?? false
      }.keys.sorted()
      missing = base.keys.filter { model[$0] == nil }.sorted()
      extra = model.keys.filter { base[$0] == nil }.sorted()
    }

    /// All names, sorted.
    public var all: [Name] { (differing + missing + extra).sorted() }
  }

  /// The tensors.
  public let tensors: Names<TensorName>
  /// The files beside the weights. Files of weights are compared by their tensors: a base may be cut
  /// into other files and is still the same.
  public let files: Names<String>

  /// Compares a model with a base.
  public init(of model: BaseContents, from base: Base) {
    tensors = Names(model.tensors, base.tensors)
    files = Names(Self.sideFiles(model.files), Self.sideFiles(base.files))
  }

  /// Whether there is none.
  public var isEmpty: Bool { tensors.all.isEmpty && files.all.isEmpty }

  private static func sideFiles(_ files: [String: Base.File]) -> [String: Base.File.Content] {
    files.filter { !Base.isWeights($0.key) }.compactMapValues(\.content)
  }
}

extension Base.File {
  /// What decides whether two files are the same; nil for files that are known by their tensors.
  fileprivate typealias Content = [UInt8]
  fileprivate var content: Content? { digest?.bytes }
}

extension Base {
  /// Whether a file of this name holds weights or lists where they are.
  static func isWeights(_ name: String) -> Bool {
    [".safetensors", ".bin", ".pt", ".pth", ".index.json"].contains { name.hasSuffix($0) }
  }
}
