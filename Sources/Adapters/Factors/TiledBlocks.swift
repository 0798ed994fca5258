internal import Tensors

/// A block-diagonal matrix that is repeated downwards until the rows are full, and whose last block
/// goes on at the first column where it is wider than what is left.
///
/// With n blocks of `size`, row o belongs to row o mod (n·size) of the pattern; row b·size + i of
/// the pattern has blocks[b·size + i, t] in column (b·size + t) mod columns, those that fall
/// together being added for ascending t.
public struct TiledBlocks: Sendable {
  /// The blocks on top of one another, `[n · size, size]`.
  public let blocks: Factor
  /// The rows and columns of a block.
  public let size: Int
  /// How the matrix lies in the weight.
  let placement: Placement

  init(blocks: Factor, size: Int, placement: Placement) {
    precondition(blocks.columns == size && blocks.rows % size == 0, "square blocks")
    precondition(blocks.rows >= placement.matrix.columns, "every column has a block")
    self.blocks = blocks
    self.size = size
    self.placement = placement
  }
}
