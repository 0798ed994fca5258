/// How the corrections of one tensor are written, version 1.
///
/// Numbers are LEB128 varints (seven bits per byte, the lowest first, at most ten bytes) unless
/// their size is given.
///
///     tensor  = u8 version (1), u8 bytes per element (2, 4 or 8), number of elements,
///               blocks, u8 0
///     block   = u8 1, number of corrections k (1 … 2^17), planes of k gaps, planes of k values
///             | u8 2, number of elements m (1 … 3·2^17), planes of m values
///     planes  = u8 number of planes (1 … 8, for values at most the bytes per element),
///               that many planes, the lowest bytes first
///     plane   = u8 0, the bytes
///             | u8 1, the one byte that all of them are
///             | u8 2, number of bytes of the frame, a zstd frame that holds the bytes
///
/// A gap is the number of elements between a corrected one and the corrected one before it, or the
/// end of the dense block before it, or the start of the tensor. A value is a `Correction`. A sparse
/// block ends with its last corrected element; a dense block has a value for every one of its
/// elements, 0 where nothing is corrected. Elements after the last block are not corrected.
///
/// Gaps are nearly geometric and values nearly all 1 or 2, so Huffman coding of the bytes comes
/// within a few percent of their entropy and nothing is gained by searching for repetitions.
enum ResidualFormat {
  static let version: UInt8 = 1

  static let endMark: UInt8 = 0
  static let sparseMark: UInt8 = 1
  static let denseMark: UInt8 = 2

  static let rawPlane: UInt8 = 0
  static let constantPlane: UInt8 = 1
  static let zstdPlane: UInt8 = 2

  /// The most corrections of a block: the bytes of a plane then fill one zstd block, and its table
  /// is at most 0.2 % of it.
  static let maximumCorrectionCount = 1 << 17
  /// The most elements of a dense block, which is worth trying from one correction in three on.
  static let maximumDenseCount = 3 * maximumCorrectionCount
}
