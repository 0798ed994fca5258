/// eˣ in Float without branches, so that loops over it become vector instructions, and with the
/// same bits on every machine.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2, e^r by the polynomial of Cephes' `expf`; within 2 units in
/// the last place. 0 below −87.3; at most e^88.
@inline(__always)
func exponential(_ x: Float) -> Float {
  let bounded = min(max(x, -87.3), 88)
  // Adding 1.5·2²³ rounds to an integer, which then stands in the low bits.
  let shifted = bounded * 1.442_695_04 + 12_582_912
  let n = shifted - 12_582_912
  let r = (bounded - n * 0.693_359_375) + n * 2.121_944_4e-4
  var series: Float = 1.987_569_15e-4
  series = series * r + 1.398_199_950_7e-3
  series = series * r + 8.333_451_907_3e-3
  series = series * r + 4.166_579_589_4e-2
  series = series * r + 1.666_666_545_9e-1
  series = series * r + 5.000_000_120_1e-1
  let power = Float(bitPattern: (shifted.bitPattern &- 0x4B40_0000 &+ 127) << 23)
  let value = (series * r * r + r + 1) * power
  // A NaN stays one: min and max have swallowed it.
  return x < -87.3 ? 0 : x == x ? value : x
}
