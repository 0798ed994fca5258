internal import Adapters
internal import Dispatch
internal import Glibc

/// The signals that ask a command to stop.
enum Signals {
  /// A request to stop that SIGINT, SIGTERM and SIGHUP make.
  static func interruption() -> Interruption {
    let interruption = Interruption()
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { interruption.request() }
      source.resume()
      // Kept for the life of the process: a source that is released listens no more.
      _ = unsafe Unmanaged.passRetained(source as AnyObject)
    }
    return interruption
  }
}
