import Files
import JSON
import Tensors
import TestSupport

/// The outside witness of a comparison: an adapter read with nothing of the library but the file's
/// header, its products formed in Double.
struct DenseAdapter {
  /// The product of each pair of factors, under the name of the module.
  private(set) var products: [String: [Double]] = [:]
  /// The highest rank.
  private(set) var rank = 0

  init(_ folder: Path) throws {
    let config = try JSONValue(
      parsing: FileReader.contents(
        of: folder.appending("adapter_config.json"), limit: 1 << 20))
    let alpha = config["lora_alpha"]?.number ?? 8
    let ranks = config["r"]?.number ?? 8
    let isStabilised = config["use_rslora"]?.bool ?? false
    let scaling = alpha / (isStabilised ? ranks.squareRoot() : ranks)
    let file = try TensorFile(opening: folder.appending("adapter_model.safetensors"))
    for info in file.tensors where info.name.text.contains("lora_A") {
      let twin = info.name.text.replacing("lora_A", with: "lora_B")
      guard let other = file.tensors.first(where: { $0.name.text == twin }) else { continue }
      let a = PlainElements.values(try file.bytes(of: info), of: info.dtype)
      let b = PlainElements.values(try file.bytes(of: other), of: other.dtype)
      let inner = info.shape.extents[0]
      rank = max(rank, inner)
      products[info.name.text] = Self.product(
        b.map(Double.init), a.map(Double.init), inner: inner, scaling: scaling)
    }
  }

  private static func product(
    _ b: [Double], _ a: [Double], inner: Int, scaling: Double
  ) -> [Double] {
    let (rows, columns) = (b.count / inner, a.count / inner)
    var product = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for k in 0..<inner {
        let factor = scaling * b[row * inner + k]
        for column in 0..<columns {
          product[row * columns + column] += factor * a[k * columns + column]
        }
      }
    }
    return product
  }

  /// ‖·‖ of the values.
  static func norm(_ values: [Double]) -> Double {
    values.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
  }
}
