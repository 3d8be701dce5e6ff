const POWERS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" }

/** Three significant digits, as people write them: 0.145, −12, 3.1·10⁻⁵. */
function digits(value, significant = 3) {
  if (!Number.isFinite(value)) return "–"
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [head, power] = value.toExponential(significant - 1).split("e")
    return `${head}·10${[...String(Number(power))].map((c) => POWERS[c]).join("")}`.replace("-", "−")
  }
  const text = Number.isInteger(value) ? String(value) : size >= 1000 ? value.toFixed(0) : value.toPrecision(significant)
  return text.replace("-", "−")
}

/** As short as the drawing needs it: of very small numbers two digits. */
const brief = (value) => digits(value, value !== 0 && Math.abs(value) < 1e-3 ? 2 : 3)

/** What a reference stands for: ``v:place`` a value, ``g:place`` a gradient, ``u:place`` a weight after the step. */
function numberAt(root, ref) {
  const [kind, place] = [ref[0], ref.slice(2)]
  const k = root.index[place]
  if (k === undefined) return NaN
  const { values, gradients } = root.arrays
  if (kind === "u") return values.values[k] - root.facts.rate * gradients.values[k]
  return (kind === "v" ? values : gradients).values[k]
}

/** The same by finite differences, where there is such a thing. */
const checkOf = (root, ref) => root.arrays.checks.values[root.index[ref.slice(2)]]

/** Whether gradient and check are the same to a ten-thousandth; below 10⁻⁹ no check can tell. */
const agree = (gradient, check) => Math.abs(gradient - check) <= 1e-4 * Math.max(Math.abs(gradient), Math.abs(check)) + 1e-9

/** A symbol as HTML: ``w_1A`` has an index. */
const symbolHtml = (symbol) => symbol.replace(/[<&]/g, (c) => (c === "<" ? "&lt;" : "&amp;")).replace(/_(\w+)/g, "<sub>$1</sub>")

/** A symbol for those who listen. */
const spokenSymbol = (symbol) => symbol.replaceAll("_", " ")

/** A rule with its numbers put in; a negative number within it stands in brackets. */
function filled(root, text) {
  return text.replace(/\{([vg]:[^}]+)\}/g, (whole, ref, at) => {
    const number = root.known(ref) ? digits(numberAt(root, ref)) : "?"
    const bracketed = text[at - 1] === "(" && text[at + whole.length] === ")"
    return number.startsWith("−") && at > 0 && !bracketed ? `(${number})` : number
  })
}
