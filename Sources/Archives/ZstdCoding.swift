/// How hard zstd looks for repetitions; any zstd decoder reads the frames of all of these.
public enum ZstdCoding: Hashable, Sendable {
  /// Entropy coding with next to no search, about 1 GB/s: for bytes that look like noise over a
  /// small alphabet, such as exponents, where searching finds nothing.
  case huffman
  /// A level of the library, 1 (fast) to 19 (small).
  case level(Int)
  /// The same with a checksum of the bytes, which every decoder compares: for files that leave us.
  case checked(level: Int)
}
