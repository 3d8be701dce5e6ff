/** Cividis (Nuñez, Anderton and Renslow, 2018), every sixteenth of its colours. */
const CIVIDIS = ["#00224e", "#00306f", "#213d6b", "#374a6c", "#48576c", "#57646e", "#657070", "#737d75", "#838a78", "#949778",
  "#a5a575", "#b7b46f", "#cac366", "#ded25a", "#f2e14a", "#fee838"]

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))

/** The colour at a share of the way along some, as canvases keep it (A, B, G, R). */
function blend(colours, share) {
  const at = Math.min(1, Math.max(0, share)) * (colours.length - 1)
  const k = Math.min(colours.length - 2, Math.floor(at))
  const [r, g, b] = colours[k].map((c, i) => Math.round(c + (colours[k + 1][i] - c) * (at - k)))
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0
}

/**
 * 256 colours for −128…127.  sign: negative, ground, positive; magnitude: cividis from 0 on; ink: from the
 * ground to the text.  −128 is no number, and is not drawn.
 */
function palette(name, theme) {
  const stops = {
    sign: [theme.negative, theme.ground, theme.positive], magnitude: CIVIDIS, ink: [theme.ground, theme.text],
  }[name].map(channels)
  const first = name === "sign" ? -127 : 0
  return Uint32Array.from({ length: 256 }, (_, i) => (i === 0 ? 0 : blend(stops, (i - 128 - first) / (127 - first))))
}
