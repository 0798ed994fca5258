/// The threads of the linear algebra library, which `Compute` does without: callers spread matrices over
/// workers, and a product runs on the thread that asks for it.
public enum LibraryThreads {
  /// Ends them. The first product does so in any case; a program calls it when it starts, since
  /// they use a processor for some time from when the library is loaded.
  public static func end() { LinearAlgebra.useOneThread() }
}
