extension GGUFElementType {
  /// The name that ggml gives the type, such as `q4_K` or `iq2_xxs`.
  public var name: String {
    switch self {
    case .q2K: "q2_K"
    case .q3K: "q3_K"
    case .q4K: "q4_K"
    case .q5K: "q5_K"
    case .q6K: "q6_K"
    case .q8K: "q8_K"
    case .iq2XXS: "iq2_xxs"
    case .iq2XS: "iq2_xs"
    case .iq3XXS: "iq3_xxs"
    case .iq1S: "iq1_s"
    case .iq4NL: "iq4_nl"
    case .iq3S: "iq3_s"
    case .iq2S: "iq2_s"
    case .iq4XS: "iq4_xs"
    case .iq1M: "iq1_m"
    case .f32, .f16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q8_1, .i8, .i16, .i32, .i64, .f64,
      .bf16, .tq1_0, .tq2_0, .mxfp4, .nvfp4, .q1_0:
      // These are spelled here as ggml spells them.
      String(describing: self)
    }
  }

  /// The type of a name that ggml gives; nil for any other text.
  public init?(name: String) {
    guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = type
  }
}
