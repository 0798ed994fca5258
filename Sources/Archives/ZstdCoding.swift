/// How hard zstd looks for repetitions; any zstd decoder reads the frames of all of these.
public enum ZstdCoding: Hashable, Sendable {
  /// Entropy coding with next to no search, about 1 GB/s: for bytes that look like noise over a
  /// small alphabet, such as exponents, where searching finds nothing.
  case huffman
  /// A level of the library, 1 (fast) to 19 (small).
  case level(Int)
}
