const TELL_AFTER_MS = 300 // of quiet, once a kernel is typed
const TOLD_FOR_MS = 3000 // for which what was typed stands against pictures that were on their way
const SLOWEST_MS = 600 // how long the first places of a walk last; the later ones ever less
const QUICKEST_MS = 14
const QUICKENING = 0.93
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

function build(parentElement) {
  const root = make("div", { className: "sliding" })
  const pane = (name) => {
    const box = make("div", { className: `pane ${name}` })
    box.heading = make("p", { className: "heading" })
    box.canvas = make("canvas", { tabIndex: 0 })
    box.canvas.setAttribute("role", "application")
    box.append(box.heading, box.canvas)
    return box
  }
  const button = (text, act) => make("button", { type: "button", textContent: text, onclick: act })
  root.input = pane("input")
  root.result = pane("output")
  root.tables = make("div", { className: "tables" })
  root.line = make("p", { className: "line" })
  root.chips = make("div", { className: "chips" })
  root.walker = button("Slide", () => (root.timer ? rest(root) : walk(root)))
  root.stepper = button("Next place", () => (rest(root), advance(root)))
  root.smaller = button("−", () => resize(root, -1))
  root.larger = button("+", () => resize(root, 1))
  root.smaller.setAttribute("aria-label", "Smaller window")
  root.larger.setAttribute("aria-label", "Larger window")
  root.size = make("span", { className: "size" })
  root.biasField = make("input", { type: "number", step: "0.1", min: "-10", max: "10", className: "bias" })
  root.biasField.setAttribute("aria-label", "Bias")
  root.biasField.oninput = () => editBias(root)
  root.biasLabel = make("label", {}, "bias ", root.biasField)
  root.aloud = make("p", { className: "aloud" })
  root.aloud.setAttribute("aria-live", "polite")
  const acts = make("div", { className: "acts" }, root.walker, root.stepper,
    make("span", { className: "sizes" }, "window ", root.smaller, root.size, root.larger), root.biasLabel)
  const middle = make("div", { className: "sum" }, acts, root.chips, root.tables, root.line, root.aloud)
  root.append(root.input, middle, root.result)
  Object.assign(root, { at: [0, 0], channel: 0, filled: Infinity, timer: 0, told: 0, toldAt: 0, telling: 0, parts: [] })
  parentElement.appendChild(root)
  // what is typed or pressed in here is not meant for the page, whose space bar plays
  root.onkeydown = (event) => event.stopPropagation()
  for (const box of [root.input, root.result]) {
    box.canvas.onpointermove = box.canvas.onpointerdown = (event) => point(root, box, event)
    box.canvas.onkeydown = (event) => key(root, event)
  }
  root.watcher = new ResizeObserver(() => paint(root))
  root.watcher.observe(root)
  return root
}

/** How many rows and columns the output has. */
const places = (root) => root.output.shape.slice(1)

/** Put the window somewhere, kept within its places. */
function moveTo(root, [row, column]) {
  const [rows, columns] = places(root)
  const clamp = (at, most) => Math.min(most - 1, Math.max(0, Math.round(at)))
  root.at = [clamp(row, rows), clamp(column, columns)]
  paint(root)
}

/** The pointer carries the window's middle over the picture, or points at a place of the output. */
function point(root, box, event) {
  if (root.timer) return
  const { stride, size, dilation } = root.window
  const [row, column] = cellAt(box.canvas, box.grid, event)
  const half = (dilation * (size - 1) + 1) / 2
  root.filled = Infinity
  moveTo(root, box === root.result ? [row - 0.5, column - 0.5] : [(row - half) / stride, (column - half) / stride])
}

function key(root, event) {
  const ends = { Home: [-Infinity, -Infinity], End: [Infinity, Infinity] }
  const by = MOVES[event.key] ?? ends[event.key]
  if (!by) return
  event.preventDefault()
  rest(root)
  root.filled = Infinity
  moveTo(root, [root.at[0] + by[0], root.at[1] + by[1]])
  root.aloud.textContent = root.said
}

/** Slide from place to place, slowly at first, and fill the output in. */
function walk(root) {
  root.filled = 0
  root.at = [0, 0]
  root.pace = SLOWEST_MS
  const next = () => {
    advance(root)
    root.pace = Math.max(QUICKEST_MS, root.pace * QUICKENING)
    root.timer = root.filled === Infinity ? 0 : setTimeout(next, root.pace)
    nameWalker(root)
  }
  root.timer = -1
  next()
}

/** One place further; the output is filled in up to there. */
function advance(root) {
  const [rows, columns] = places(root)
  root.filled = (root.filled === Infinity ? 0 : root.filled) + 1
  moveTo(root, [Math.floor((root.filled - 1) / columns), (root.filled - 1) % columns])
  if (root.filled >= rows * columns) root.filled = Infinity
}

function rest(root) {
  clearTimeout(root.timer)
  root.timer = 0
  nameWalker(root)
}

function nameWalker(root) {
  const name = root.timer ? "Stop" : "Slide"
  if (root.walker.textContent !== name) root.walker.textContent = name
}

/** One number of the kernel, or the bias, is another: the page is told once its typist pauses. */
function editCell(root, i, field) {
  const value = typed(field)
  if (value === null) return
  kernelOf(root, root.channel)[i] = value
  changed(root)
}

function editBias(root) {
  const value = typed(root.biasField)
  if (value === null) return
  root.bias = value
  changed(root)
}

function typed(field) {
  const value = Number(field.value)
  const fits = field.value !== "" && Number.isFinite(value) && Math.abs(value) <= 10
  field.classList.toggle("wrong", !fits)
  return fits ? value : null
}

function changed(root) {
  clearTimeout(root.telling)
  root.told = Math.max(Date.now(), root.told + 1)
  root.toldAt = performance.now()
  root.telling = setTimeout(() => {
    const { size } = root.window
    root.send("kernel", { size, weights: [...root.kernel.values], bias: root.bias, number: root.told })
  }, TELL_AFTER_MS)
  showSum(root)
}

function resize(root, by) {
  root.send("size", { size: root.window.size + by, at: performance.now() })
}

/** Paint both pictures and the numbers between them. */
function paint(root) {
  if (!root.output || !root.input.canvas.clientWidth) return
  const { image, output, window: w, theme, channel, facts } = root
  const [, height, width] = image.shape
  const [rows, columns] = places(root)
  const within = (r, c) => r >= 0 && c >= 0 && r < height && c < width
  const rim = w.how === "max" ? -Infinity : 0
  root.inputColour = colouring(facts.inputPalette === "colour" ? facts.channels[channel] : facts.inputPalette, facts.inputScale, theme)
  const before = fresh(root.input.canvas)
  const grid = (root.input.grid = gridOf(root.input.canvas, height + 2 * w.padding, width + 2 * w.padding))
  paintGrid(before, grid, (r, c) => {
    const [y, x] = [r - w.padding, c - w.padding]
    return within(y, x) ? image.values[(channel * height + y) * width + x] : rim
  }, root.inputColour, theme, (r, c) => !within(r - w.padding, c - w.padding))
  paintWindow(before, grid, [root.at[0] * w.stride, root.at[1] * w.stride], w, theme)
  const after = fresh(root.result.canvas)
  const made = (root.result.grid = gridOf(root.result.canvas, rows, columns))
  const start = output.shape[0] > 1 ? channel * rows * columns : 0
  const tints = output.shape[0] > 1 && facts.inputPalette === "colour"
  const colour = tints ? root.inputColour : colouring(facts.outputPalette, facts.outputScale, theme)
  paintGrid(after, made, (r, c) => (r * columns + c < root.filled ? output.values[start + r * columns + c] : null), colour, theme)
  paintWindow(after, made, root.at, { size: 1, dilation: 1 }, theme)
  showSum(root)
}

/** Chips that choose which channel is looked at, with what each adds. */
function channelChips(root) {
  root.parts = root.facts.channels.map((name, k) => make("button", {
    type: "button", textContent: name, onclick: () => {
      root.channel = k
      nameInput(root)
      paint(root)
    },
  }))
  root.chips.replaceChildren(...root.parts)
  root.chips.hidden = root.parts.length < 2
}

function nameInput(root) {
  const [n, rows, columns] = root.image.shape
  const which = n > 1 ? `, ${root.facts.channels[root.channel]}` : ""
  root.input.heading.textContent = `${root.facts.inputName}, ${rows} × ${columns}${which}`
}

/** A window that slides over a picture: what lies under it, what it is weighed with, and what comes out. */
export default function ({ data, parentElement, setTriggerValue }) {
  const { facts, arrays } = readRecord(data)
  const root = parentElement.querySelector(".sliding") ?? build(parentElement)
  root.send = setTriggerValue
  const shape = JSON.stringify([facts.window.size, facts.window.how, facts.channels, facts.editable, arrays.image.shape])
  const other = shape !== root.shape
  const typing = root.told > facts.taken && performance.now() - root.toldAt < TOLD_FOR_MS && !other
  Object.assign(root, { facts, theme: facts.theme, window: facts.window, editable: facts.editable, shape,
    image: arrays.image, output: arrays.output, shares: arrays.shares })
  if (!typing) Object.assign(root, { kernel: arrays.kernel, bias: facts.bias })
  if (other) {
    rest(root)
    root.channel = Math.min(root.channel, facts.channels.length - 1)
    buildSum(root)
    channelChips(root)
  }
  const [rows, columns] = places(root)
  if (root.places !== `${rows} ${columns}` || root.begun !== facts.begun) {
    rest(root)
    Object.assign(root, { filled: Infinity, at: facts.at, places: `${rows} ${columns}`, begun: facts.begun })
  }
  const focused = root.biasField.getRootNode().activeElement
  if (root.biasField !== focused) root.biasField.value = String(Math.round(root.bias * 1000) / 1000)
  root.biasField.disabled = !facts.editable
  root.biasLabel.hidden = facts.window.how !== "sum"
  root.size.textContent = `${facts.window.size} × ${facts.window.size}`
  root.smaller.disabled = !facts.sizes || facts.window.size <= 1
  root.larger.disabled = !facts.sizes || facts.window.size >= facts.sizes
  nameInput(root)
  root.result.heading.textContent = `${facts.outputName}, ${rows} × ${columns}`
  for (const [box, alt] of [[root.input, facts.inputAlt], [root.result, facts.outputAlt]]) {
    if (box.canvas.getAttribute("aria-label") !== alt) box.canvas.setAttribute("aria-label", alt)
  }
  root.classList.toggle("greyed", facts.greyed)
  moveTo(root, root.at)
  root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1)
  return whenGone(parentElement, () => {
    clearTimeout(root.timer)
    clearTimeout(root.telling)
    root.watcher.disconnect()
    root.remove()
  })
}
