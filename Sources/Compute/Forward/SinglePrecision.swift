internal import COpenBLAS

/// A rectangle of an array of Float: `rows` rows of `columns` entries, `stride` entries apart.
public struct Panel: Hashable, Sendable {
  /// The place of the first entry.
  public let offset: Int
  /// The number of rows.
  public let rows: Int
  /// The number of entries in a row.
  public let columns: Int
  /// The distance between the starts of two rows.
  public let stride: Int

  /// A rectangle; its rows stand without gaps where no stride is given.
  public init(offset: Int = 0, rows: Int, columns: Int, stride: Int? = nil) {
    precondition(offset >= 0 && rows >= 0 && columns >= 0)
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
    precondition(self.stride >= columns, "rows do not overlap")
  }

  /// Whether the rectangle lies inside an array of `count` entries.
  func fits(in count: Int) -> Bool {
    rows == 0 || columns == 0 || offset + (rows - 1) * stride + columns <= count
  }
}

/// Products in Float by BLAS, on the calling thread.
///
/// The same shapes and values give the same bits on one processor; callers who need results that
/// do not depend on their neighbours keep the shapes independent of them.
public enum SinglePrecision {
  /// target = factor · left · right, or left · rightᵀ; added to the target where `adding`.
  ///
  /// `left` is `[rows, inner]`, `right` `[inner, columns]` (`[columns, inner]` where transposed),
  /// `target` `[rows, columns]`.
  public static func multiply(
    _ left: [Float], _ leftPanel: Panel, by right: [Float], _ rightPanel: Panel,
    isRightTransposed: Bool = false, factor: Float = 1, adding: Bool = false,
    into target: inout [Float], _ targetPanel: Panel
  ) {
    LinearAlgebra.useOneThread()
    let inner = leftPanel.columns
    precondition(inner == (isRightTransposed ? rightPanel.columns : rightPanel.rows))
    precondition(
      targetPanel.columns == (isRightTransposed ? rightPanel.rows : rightPanel.columns))
    precondition(targetPanel.rows == leftPanel.rows)
    precondition(leftPanel.fits(in: left.count) && rightPanel.fits(in: right.count))
    precondition(targetPanel.fits(in: target.count))
    guard targetPanel.rows > 0, targetPanel.columns > 0 else { return }
    unsafe left.withUnsafeBufferPointer { left in
      unsafe right.withUnsafeBufferPointer { right in
        unsafe target.withUnsafeMutableBufferPointer { target in
          guard let left = left.baseAddress, let right = right.baseAddress,
            let target = target.baseAddress
          else { return }
          unsafe cblas_sgemm(
            CblasRowMajor, CblasNoTrans, isRightTransposed ? CblasTrans : CblasNoTrans,
            Int32(targetPanel.rows), Int32(targetPanel.columns), Int32(inner), factor,
            left + leftPanel.offset, Int32(max(1, leftPanel.stride)),
            right + rightPanel.offset, Int32(max(1, rightPanel.stride)), adding ? 1 : 0,
            target + targetPanel.offset, Int32(max(1, targetPanel.stride)))
        }
      }
    }
  }

  /// The name of the kernels that BLAS chose for this processor, and its version.
  public static var description: String {
    let core = unsafe openblas_get_corename().map { unsafe String(cString: $0) }
    let configuration = unsafe openblas_get_config().map { unsafe String(cString: $0) }
    let version = configuration?.split(separator: " ").prefix(2).joined(separator: " ")
    return [version ?? "OpenBLAS", core ?? "unknown"].joined(separator: " ")
  }
}
