/** What stands under the window at one place: its numbers, the kernel, their products, and the sum written out. */

const MOST_WRITTEN = 9 // terms; of more only the result is written

/** The numbers of one channel under the window, row by row; the rim of padding as it counts. */
function under(root, channel) {
  const { window: w, image, at } = root
  const [, rows, columns] = image.shape
  const rim = w.how === "max" ? -Infinity : 0
  const numbers = []
  for (let r = 0; r < w.size; r++) {
    for (let c = 0; c < w.size; c++) {
      const [y, x] = [at[0] * w.stride + r * w.dilation - w.padding, at[1] * w.stride + c * w.dilation - w.padding]
      const inside = y >= 0 && x >= 0 && y < rows && x < columns
      numbers.push(inside ? image.values[(channel * rows + y) * columns + x] : rim)
    }
  }
  return numbers
}

/** One channel's part of a kernel. */
function kernelOf(root, channel) {
  const n = root.window.size ** 2
  return root.kernel.values.subarray(channel * n, (channel + 1) * n)
}

/** A small table of numbers on their colours; one that is edited has a field in each cell. */
function table(root, name, size, edited) {
  const box = make("div", { className: `cells ${name}` })
  box.style.gridTemplateColumns = `repeat(${size}, 1fr)`
  for (let i = 0; i < size * size; i++) {
    if (!edited) {
      box.append(make("span", {}))
      continue
    }
    const field = make("input", { type: "number", step: "0.1", min: "-10", max: "10" })
    field.setAttribute("aria-label", `Kernel, row ${Math.floor(i / size) + 1}, column ${(i % size) + 1}`)
    field.oninput = () => editCell(root, i, field)
    box.append(field)
  }
  return box
}

/** Show numbers in a table; a field that is being typed in is left alone. */
function fill(root, box, numbers, colour, mark = -1) {
  const focused = box.getRootNode().activeElement
  numbers.forEach((value, i) => {
    const cell = box.children[i]
    const rgb = colour(value)
    cell.style.background = css(rgb)
    cell.style.color = readable(rgb)
    cell.classList.toggle("most", i === mark)
    if (cell.tagName !== "INPUT") cell.textContent = figures(value)
    else if (cell !== focused) cell.value = String(Math.round(value * 100) / 100)
  })
}

/** The line under the tables. */
function written(root, numbers, kernel, shares, result) {
  const { how } = root.window
  if (how === "max") return `The largest of ${list(numbers)} is <b>${figures(result)}</b>`
  if (how === "mean") return `(${list(numbers, " + ")}) / ${numbers.length} = <b>${figures(result)}</b>`
  const terms = numbers.map((x, i) => [x, kernel[i]]).filter(([x, k]) => x !== 0 && k !== 0)
  const bracketed = (value) => (value < 0 ? `(${figures(value)})` : figures(value))
  const spelt = !terms.length
    ? "every product is 0"
    : terms.length <= MOST_WRITTEN
      ? terms.map(([x, k]) => `${bracketed(k)} · ${figures(x)}`).join(" + ")
      : `the sum of ${numbers.length} products`
  const own = `${spelt}${terms.length ? ` = ${figures(shares[root.channel])}` : ""}`
  const plus = (value) => (value < 0 ? ` − ${figures(-value)}` : ` + ${figures(value)}`)
  if (shares.length === 1) return `${own}${plus(root.bias).replace(/ ([+−]) /, " &nbsp;$1 ")} bias = <b>${figures(result)}</b>`
  const all = shares.map((share, k) => (k ? plus(share) : figures(share))).join("")
  return `${own}<br>all channels: ${all}${plus(root.bias)} bias = <b>${figures(result)}</b>`
}

const list = (numbers, joined = ", ") =>
  numbers.length <= MOST_WRITTEN ? numbers.map((x) => figures(x)).join(joined) : `the ${numbers.length} numbers`

/** Build the middle: three tables side by side, and the line. */
function buildSum(root) {
  const { size, how } = root.window
  const edited = root.editable && how === "sum"
  const named = (title, box, ...more) => make("figure", {}, make("figcaption", { textContent: title }), box, ...more)
  root.seen = table(root, "seen", size, false)
  root.weights = table(root, "weights", size, edited)
  root.products = table(root, "products", size, false)
  const sign = (text) => make("b", { className: "sign", textContent: text })
  const tables = how === "sum"
    ? [named("under the window", root.seen), sign("×"), named("kernel", root.weights), sign("="), named("products", root.products)]
    : [named("under the window", root.seen)]
  root.tables.replaceChildren(...tables)
  root.tables.style.setProperty("--size", size)
}

/** Show the numbers of where the window stands. */
function showSum(root) {
  const { channel, at, output, shares, theme } = root
  const numbers = under(root, channel)
  const [, rows, columns] = output.shape
  const place = at[0] * columns + at[1]
  const parts = Array.from({ length: shares.shape[0] }, (_, k) => shares.values[k * rows * columns + place])
  const result = output.values[(output.shape[0] > 1 ? channel * rows * columns : 0) + place]
  const kernel = root.window.how === "sum" ? kernelOf(root, channel) : []
  const most = (values) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9)
  fill(root, root.seen, numbers, (v) => (v === -Infinity ? tone(theme.panel) : root.inputColour(v)),
    root.window.how === "max" ? numbers.indexOf(result) : -1)
  if (kernel.length) {
    fill(root, root.weights, [...kernel], colouring("sign", 1.6 * most([...root.kernel.values]), theme))
    fill(root, root.products, numbers.map((x, i) => x * kernel[i]), colouring("sign", 1.6 * most([...root.kernel.values]) * root.facts.inputScale, theme))
  }
  root.line.innerHTML = written(root, numbers, kernel, parts, result)
  root.said = `Row ${at[0] + 1}, column ${at[1] + 1}: ${figures(result)}`
  root.parts.forEach((button, k) => {
    button.textContent = root.window.how === "sum" ? `${root.facts.channels[k]} ${figures(parts[k])}` : root.facts.channels[k]
    button.setAttribute("aria-pressed", String(k === channel))
  })
}
