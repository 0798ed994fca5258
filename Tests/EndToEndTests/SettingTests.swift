import TestSupport
import Testing

/// Settings that mean nothing are not kept.
@Suite struct SettingTests {
  @Test func `unknown keys are refused with those that come close`() throws {
    let session = try StoreSession()
    for (key, hint) in [
      ("user.nmae", "did you mean user.name"), ("user.mail", "user.email"),
      ("core.pager", "the settings are: user.name, user.email, base.NAME.path"),
      ("name", "the settings are:"), ("base..path", "the settings are:"),
    ] {
      let outcome = try session.run(["config", key, "x"])
      #expect(outcome.code == 64, "\(key)")
      #expect(outcome.errors.contains("There is no setting \"\(key)\""), "\(outcome.errors)")
      #expect(outcome.errors.contains(hint), "\(key): \(outcome.errors)")
    }
    #expect(try session.run(["config", "--list"]).output.isEmpty)
    #expect(try session.run(["help", "config"]).output.contains("cache.decompositions"))
  }

  @Test func `values that cannot be are refused, and what was set stays`() throws {
    let session = try StoreSession()
    #expect(try session.run(["config", "user.name", "Eve"]).code == 0)
    for value in ["", "  ", "two\nlines", "esc\u{1B}ape"] {
      let outcome = try session.run(["config", "user.name", value])
      #expect(outcome.code == 64 && outcome.errors.contains("user.name cannot be set"))
    }
    #expect(try session.run(["config", "cache.decompositions", "much"]).code == 64)
    #expect(try session.run(["config", "--list"]).output == "user.name=Eve\n")
    for (key, value) in [
      ("user.email", ""), ("cache.decompositions", "0"), ("cache.decompositions", "2GiB"),
      ("base.org/model.v2.path", "/models/it"),
    ] {
      let outcome = try session.run(["config", key, value])
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(try session.run(["config", key]).output == value + "\n")
    }
  }
}
