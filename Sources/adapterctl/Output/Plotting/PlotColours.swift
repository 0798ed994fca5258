/// Colours that people with any colour vision tell apart.
enum PlotColours {
  /// Text and axes.
  static let ink = "#222222"
  /// The lines behind the data.
  static let grid = "#e3e3e3"
  /// Where there is no value.
  static let none = "#f2f2f2"

  /// The palette of Okabe and Ito (2008) without its yellow, which is too light for lines.
  private static let lines = [
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#000000",
  ]

  /// The colour of a series; they repeat after seven.
  static func line(_ number: Int) -> String { lines[number % lines.count] }

  /// Viridis (Smith and van der Walt 2015) at nine places, straight lines between them.
  private static let viridis: [(Double, Double, Double)] = [
    (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141), (39, 173, 129),
    (92, 200, 99), (170, 220, 50), (253, 231, 37),
  ]

  /// The colour of text on the colour of a share: viridis is dark up to about its middle.
  static func ink(onHeat share: Double) -> String { share < 0.55 ? "#ffffff" : ink }

  /// The colour of a share from 0 to 1.
  static func heat(_ share: Double) -> String {
    let place = min(max(share, 0), 1) * Double(viridis.count - 1)
    let low = min(Int(place), viridis.count - 2)
    let (from, to, part) = (viridis[low], viridis[low + 1], place - Double(low))
    func hex(_ a: Double, _ b: Double) -> String {
      let text = String(Int((a + (b - a) * part).rounded()), radix: 16)
      return text.count == 1 ? "0" + text : text
    }
    return "#" + hex(from.0, to.0) + hex(from.1, to.1) + hex(from.2, to.2)
  }
}
