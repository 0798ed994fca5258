internal import Glibc

/// The program that shows long output page by page.
///
/// It is run by the shell, as git does it. Its command comes from the user's environment alone: a
/// repository's own files may come from somebody else, and never name a command.
enum Pager {
  /// Carries out `body` with its standard output in the pager, where there is a terminal to page on.
  /// Returns when the user has left the pager; what `body` throws is thrown on after that.
  static func around(
    _ global: GlobalOptions, _ body: () throws -> Void
  ) rethrows {
    guard let command = command(global), let pager = start(command) else {
      return try body()
    }
    defer { finish(pager) }
    try body()
  }

  /// The first that is set; nil where output is not to be paged.
  private static func command(_ global: GlobalOptions) -> String? {
    guard Terminal.showsOutput, !global.noPager, !global.json, !global.quiet else { return nil }
    // Without less, output is shown as it is rather than lost.
    let command =
      Environment["ADAPTERCTL_PAGER"] ?? Environment["PAGER"]
      ?? "if command -v less >/dev/null; then exec less -FRX; else exec cat; fi"
    return command.isEmpty || command == "cat" ? nil : command
  }

  private struct Running {
    let process: pid_t
    /// The terminal, while standard output is the pager's.
    let terminal: Int32
  }

  /// Starts the pager and makes its input the standard output; nil where that fails.
  private static func start(_ command: String) -> Running? {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { return nil }
    defer { for end in ends { close(end) } }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let terminal = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
    guard terminal >= 0, let process = spawn(command, input: ends[0]) else { return nil }
    dup2(ends[1], STDOUT_FILENO)
    // An interrupt is for the pager, which stays; leaving it ends this process by SIGPIPE.
    signal(SIGINT, SIG_IGN)
    return Running(process: process, terminal: terminal)
  }

  private static func spawn(_ command: String, input: Int32) -> pid_t? {
    // A pager named without options is to understand colours, and to leave short output alone.
    unsafe setenv("LESS", "FRX", 0)
    unsafe setenv("LV", "-c", 0)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    var process: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe []
    for word in ["sh", "-c", command] { unsafe arguments.append(strdup(word)) }
    defer { unsafe arguments.forEach { unsafe free($0) } }
    unsafe arguments.append(nil)
    let outcome = unsafe posix_spawn(&process, "/bin/sh", &actions, nil, arguments, environ)
    return outcome == 0 ? process : nil
  }

  /// Lets the pager read the end of its input, and waits until it is left.
  private static func finish(_ pager: Running) {
    dup2(pager.terminal, STDOUT_FILENO)
    close(pager.terminal)
    var status: Int32 = 0
    while unsafe waitpid(pager.process, &status, 0) < 0, errno == EINTR {}
    signal(SIGINT, SIG_DFL)
  }
}
