internal import CKernels

/// The product of two factors, computed a rectangle at a time and never whole.
///
/// Every entry is `fma(left[i, k], right[k, j], …)` over ascending k from +0 in Float: the same
/// bits for any rectangle, thread count and kernel form (see NUMERICS.md).
public struct FactorProduct: Sendable {
  /// The rows of the product.
  public let rows: Int
  /// The columns of the product.
  public let columns: Int
  /// The inner extent: the rank, or the sum of the ranks of stacked factors.
  public let depth: Int
  private let form: KernelForm
  private let left: [Float]
  private let panels: [Float]

  /// Takes `left` `[rows, depth]` and `right` `[depth, columns]`.
  public init(left: Matrix, right: Matrix, form: KernelForm) {
    precondition(left.columns == right.rows, "the factors' inner extents are equal")
    rows = left.rows
    columns = right.columns
    depth = left.columns
    self.form = form
    self.left = left.elements
    let width = adapterctl_panel_width(form.kernel)
    let count = (right.columns + width - 1) / width * width * right.rows
    panels = unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe right.elements.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = buffer.baseAddress else { return }
        unsafe adapterctl_pack_right(form.kernel, from, right.rows, right.columns, to)
      }
      initialized = count
    }
  }

  /// The columns of the widest panel: rectangles are cut at its multiples in every form, so that
  /// whatever is summed up rectangle by rectangle does not depend on the machine.
  private static let columnStep = 32

  /// The columns that a rectangle may have so that the panels it touches fill half a megabyte, the
  /// part of a second-level cache that a product can count on.
  public var columnsPerBlock: Int { Self.columnsPerBlock(depth: depth) }

  /// The columns that a rectangle of a product of this depth may have.
  public static func columnsPerBlock(depth: Int) -> Int {
    max(1, (512 << 10) / (4 * max(depth, 1)) / columnStep) * columnStep
  }

  /// The last column not after `column` where a rectangle may start.
  public static func panelStart(of column: Int) -> Int { column / columnStep * columnStep }

  /// Writes a rectangle of the product to `target`, row after row without gaps.
  ///
  /// `columnRange` starts where a panel does; `target` has room for the rectangle.
  public func write(
    rows rowRange: Range<Int>,
    columns columnRange: Range<Int>,
    into target: inout [Float]
  ) {
    precondition(Self.panelStart(of: columnRange.lowerBound) == columnRange.lowerBound)
    precondition(rowRange.upperBound <= rows && columnRange.upperBound <= columns)
    precondition(target.count >= rowRange.count * columnRange.count)
    guard depth > 0 else {
      for index in 0..<rowRange.count * columnRange.count { target[index] = 0 }
      return
    }
    unsafe left.withUnsafeBufferPointer { left in
      unsafe panels.withUnsafeBufferPointer { panels in
        unsafe target.withUnsafeMutableBufferPointer { target in
          guard let left = left.baseAddress, let panels = panels.baseAddress,
            let target = target.baseAddress
          else { return }
          unsafe adapterctl_product(
            form.kernel,
            left + rowRange.lowerBound * depth,
            rowRange.count,
            panels + columnRange.lowerBound * depth,
            depth,
            columnRange.count,
            target,
            columnRange.count
          )
        }
      }
    }
  }
}
