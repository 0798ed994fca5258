internal import Compute
internal import Tensors

/// A module's low-rank update on its way into another layout: ΔW = scale · B · A.
struct ConvertedModule {
  /// The module, by transformers' or diffusers' name.
  let target: TargetModule
  /// A `[rank, in · k…]`.
  var a: Factor
  /// B `[out, rank]`.
  var b: Factor
  /// The factor in front.
  var scale: Double
  /// How the product lies in the weight.
  let placement: Placement
  /// DoRA's magnitudes.
  let magnitude: StoredTensor?
  /// The change of the bias, which the scale multiplies too.
  let bias: StoredTensor?
  /// The type that its factors are written in.
  let dtype: DType
  /// The type that everything is written in; nil for its own.
  let wantedType: DType?

  /// The inner extent of the product.
  var rank: Int { a.rows }
  /// The kernel's extents; none for a linear layer.
  var kernel: [Int] { Array(placement.extents.dropFirst(2)) }
  /// A 1 for each of the kernel's extents.
  var ones: [Int] { [Int](repeating: 1, count: kernel.count) }
  /// Whether it is an embedding's update in PEFT's order, which is turned.
  var isTurned: Bool { placement.layout == .transposed }

  /// The type that a vector beside the factors is written in.
  func type(of vector: StoredTensor) -> DType { wantedType ?? Self.written(vector.dtype) }

  /// The type that a tensor is written in unless another one is wanted: no layout's readers take
  /// double precision.
  static func written(_ own: DType) -> DType { own == .f64 ? .f32 : own }

  /// The same with B multiplied by `share` and the scale divided by it, one rounding an entry.
  func folding(_ share: Double, leaving scale: Double) -> ConvertedModule {
    guard share != 1 else { return self }
    var folded = self
    folded.b = b.scaled(by: Float(share))
    folded.scale = scale
    return folded
  }

  /// The same with zeros below A and beside B, up to a rank.
  func padded(to wanted: Int) -> ConvertedModule {
    guard wanted > rank else { return self }
    var padded = self
    padded.a = a.placingRows(at: [0..<rank], total: wanted)
    padded.b = b.transposed.placingRows(at: [0..<rank], total: wanted).transposed
    return padded
  }
}

extension Delta {
  /// The whole change as the weight lies, `[rows, columns]`, its scale in it.
  func values(
    rows: Int, columns: Int, isTransposed: Bool, form: KernelForm
  ) throws(AdapterError) -> [Float] {
    // Matrices of a stack lie on top of one another.
    let (height, width): (Int, Int)
    if case .stack(let products) = self {
      (height, width) = (products.count * products[0].b.rows, products[0].a.columns)
    } else {
      (height, width) = (rows, columns)
    }
    let loaded = try LoadedDelta(
      [.init(delta: self, weight: 1, isTransposed: isTransposed, rowFactors: nil)], rows: height,
      columns: width, form: form)
    var values = [Float](repeating: 0, count: height * width)
    var spare: [Float] = []
    let step = max(1, loaded.columnsPerBlock)
    for start in stride(from: 0, to: width, by: step) {
      let block = start..<min(width, start + step)
      var part = [Float](repeating: 0, count: height * block.count)
      loaded.write(rows: 0..<height, columns: block, into: &part, spare: &spare)
      for row in 0..<height {
        values.replaceSubrange(
          row * width + block.lowerBound..<row * width + block.upperBound,
          with: part[row * block.count..<(row + 1) * block.count])
      }
    }
    return values
  }
}
