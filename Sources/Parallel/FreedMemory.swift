internal import CSystem

/// Memory that was freed and is not given back to the system yet.
public enum FreedMemory {
  /// Keeps it for what the process allocates next: the peak stays what it is, and pages are not
  /// cleared again for every block. For the start of a program.
  public static func keep() { adapterctl_keep_freed_memory() }
}
