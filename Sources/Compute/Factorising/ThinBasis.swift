/// An orthonormal basis of the span of a factor's vectors, and their coordinates in it: by their Gram
/// matrix where they are independent enough, else by reflections (`GramTriangle`, `RowReflections`).
struct ThinBasis: Sendable {
  private enum Way {
    case gram(RealMatrix, GramTriangle)
    case reflected(RowReflections)
  }

  private let way: Way
  private let isOfColumns: Bool
  /// Of columns M `[n, k]`: R upper triangular with M = Q·R. Of rows M `[k, n]`: C lower triangular with
  /// M = C·Q.
  let coordinates: RealMatrix
  /// How much more than 2⁻⁵³ of the vectors' lengths the coordinates are right to: 1 by reflections.
  let amplification: Double

  /// Of the columns of M `[n, k]`, n ≥ k.
  init(ofColumns matrix: RealMatrix) { self.init(matrix, isOfColumns: true) }

  /// Of the rows of M `[k, n]`, n ≥ k.
  init(ofRows matrix: RealMatrix) { self.init(matrix, isOfColumns: false) }

  private init(_ matrix: RealMatrix, isOfColumns: Bool) {
    self.isOfColumns = isOfColumns
    let count = isOfColumns ? matrix.columns : matrix.rows
    var gram = RealMatrix(rows: count, columns: count)
    LinearAlgebra.addGram(of: matrix, isTransposed: isOfColumns, to: &gram)
    if let found = GramTriangle(of: gram) {
      way = .gram(matrix, found)
      coordinates = isOfColumns ? found.triangle : found.triangle.transposed
      amplification = found.condition
    } else {
      let reflections = RowReflections(isOfColumns ? matrix.transposed : matrix)
      way = .reflected(reflections)
      let triangle = reflections.triangle
      coordinates = isOfColumns ? triangle.transposed : triangle
      amplification = 1
    }
  }

  /// The vectors of given coordinates: Q·X `[n, p]` for X `[k, p]` where the basis is of columns, X·Q
  /// `[p, n]` for X `[p, k]` where it is of rows.
  func vectors(_ coefficients: RealMatrix) -> RealMatrix {
    switch (way, isOfColumns) {
    case (.gram(let matrix, let gram), true): matrix.times(gram.solving(coefficients))
    case (.gram(let matrix, let gram), false): gram.solvingTransposed(coefficients).times(matrix)
    case (.reflected(let reflections), true):
      reflections.orthonormalRows.transposedTimes(coefficients)
    case (.reflected(let reflections), false): coefficients.times(reflections.orthonormalRows)
    }
  }
}
