public import Tensors

/// An actual change of elements against an intended one, in sums.
public struct ChangeSums: Sendable, Hashable {
  /// Σ actual change · intended change.
  public var dot = 0.0
  /// Σ intended change².
  public var intendedSquares = 0.0
  /// Σ actual change².
  public var actualSquares = 0.0

  /// No elements yet.
  public init() {}

  /// The sums over `count` elements: the intended change is `intended − base`, the actual one
  /// `actual − base`; elements that are not finite are left out.
  public init(
    base: [UInt8], baseType: DType, intended: [UInt8], actual: [UInt8], type: DType, count: Int,
    form: KernelForm
  ) {
    let before = Conversion.floats(
      Array(base[..<(count * baseType.elementByteCount)]), of: baseType, form: form)
    let width = type.elementByteCount
    let wanted = Conversion.floats(Array(intended[..<(count * width)]), of: type, form: form)
    let found = Conversion.floats(Array(actual[..<(count * width)]), of: type, form: form)
    for index in 0..<count {
      let base = Double(before[index])
      let intended = Double(wanted[index]) - base
      let actual = Double(found[index]) - base
      guard intended.isFinite, actual.isFinite else { continue }
      dot += actual * intended
      intendedSquares += intended * intended
      actualSquares += actual * actual
    }
  }

  /// Adds the sums of other elements.
  public mutating func add(_ other: ChangeSums) {
    dot += other.dot
    intendedSquares += other.intendedSquares
    actualSquares += other.actualSquares
  }
}
