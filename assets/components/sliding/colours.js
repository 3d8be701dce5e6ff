/** Red, green and blue of a hex colour. */
const tone = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))

/** The three colours that channels of a picture have, before the light is on. */
const TINTS = { red: "#ff5a4d", green: "#3fcf6b", blue: "#5a8dff" }

const mixed = (from, to, share) => from.map((c, i) => Math.round(c + (to[i] - c) * Math.min(1, Math.max(0, share))))

/**
 * Make what turns a number into a colour, [r, g, b].  ink: from the ground to the text; sign: from the ground to
 * one of two hues; light: from black to white, as the pictures of cameras are; red, green, blue: a part of that.
 */
function colouring(name, scale, theme) {
  const from = tone(theme.ground)
  const mix = (to, share) => mixed(from, to, share)
  const size = scale || 1
  if (name === "sign") {
    const [up, down] = [tone(theme.positive), tone(theme.negative)]
    return (value) => mix(value < 0 ? down : up, Math.abs(value) / size)
  }
  if (name in TINTS) {
    const tint = tone(TINTS[name])
    return (value) => tint.map((c) => Math.round(c * Math.min(1, Math.max(0, value / size))))
  }
  if (name === "light") return (value) => mixed([0, 0, 0], [255, 255, 255], value / size)
  const text = tone(theme.text)
  return (value) => mix(text, value / size)
}

const css = ([r, g, b]) => `rgb(${r}, ${g}, ${b})`

/** Black or white, whichever reads better on a colour (relative luminance as WCAG has it). */
function readable(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff"
}

/** A number in a few figures, with a minus sign that is as wide as a plus. */
function figures(value, digits = 2) {
  if (value === -Infinity) return "−∞"
  if (value === 0) return "0"
  const said = Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(digits)
  return (Number(said) === 0 ? said.replace("-", "") : said).replace("-", "−")
}
