/// Why a matrix cannot be factorised.
public enum ComputeError: Error, Sendable, Hashable {
  /// An entry is a NaN or infinite.
  case notFinite
  /// LAPACK's iteration found no singular values.
  case notConverged
}
