const REACH = 6 // px from a line within which it is meant

const number = (value) => (Math.abs(value) >= 1e-3 || value === 0 ? value.toPrecision(3) : value.toExponential(1))
  .replace("-", "−")

/** A held weight carries a ring, a cut one a cross. */
function drawHeld(context, theme, x, y, value) {
  context.setLineDash([])
  context.globalAlpha = 1
  context.lineWidth = 1.5
  context.strokeStyle = theme.text
  if (value === 0) return drawCross(context, theme, x, y, 9)
  context.beginPath()
  context.arc(x, y, 4, 0, 2 * Math.PI)
  context.stroke()
}

function drawCross(context, theme, x, y, size) {
  context.lineWidth = 2
  context.strokeStyle = theme.text
  context.beginPath()
  for (const sign of [-1, 1]) {
    context.moveTo(x - size / 2, y - (sign * size) / 2)
    context.lineTo(x + size / 2, y + (sign * size) / 2)
  }
  context.stroke()
}

/** What lies at a place of the diagram: a neuron, a bias, an edge, or null. */
function hit(root, px, py) {
  const { facts, places } = root
  for (let c = 0; c < places.length; c++) {
    const { x, size, ys } = places[c]
    const column = facts.columns[c]
    const bias = column.layer === null ? -1 : ys.findIndex((y) => Math.hypot(px - x + size / 2, py - y - size / 2 + 1) < 6)
    if (bias >= 0) return { kind: "weight", layer: column.layer, unit: bias, source: -1 }
    const row = Math.abs(px - x) > size / 2 ? -1 : ys.findIndex((y) => Math.abs(py - y) <= size / 2)
    if (row >= 0) return { kind: "neuron", column: c, unit: column.slots ? column.slots.indexOf(row) : row, row }
  }
  let best = null
  let nearest = REACH ** 2
  for (const edge of root.edges ?? []) {
    if (px < edge.x1 || px > edge.x2) continue
    // the curve is a cubic Bézier with level ends: x(t) turned round by a few halvings gives where it is at px
    let [low, high] = [0, 1]
    for (let k = 0; k < 12; k++) {
      const t = (low + high) / 2
      const x = edge.x1 + (edge.x2 - edge.x1) * (1.5 * t * (1 - t) + t ** 3)
      if (x < px) low = t
      else high = t
    }
    const t = (low + high) / 2
    const y = edge.y1 + (edge.y2 - edge.y1) * (3 * t * t - 2 * t ** 3)
    if ((y - py) ** 2 < nearest) [best, nearest] = [edge, (y - py) ** 2]
  }
  return best ? { kind: "weight", layer: best.layer, unit: best.unit, source: best.source } : null
}

/** The weight or bias of a target: {value, gradient, name, held}. */
function weightOf(root, { layer, unit, source }) {
  const { facts, arrays } = root
  const c = facts.columns.findIndex((column) => column.layer === layer)
  const part = source < 0 ? "bias" : "weight"
  const array = arrays[`weights.${layer}.${part}`]
  if (c < 0 || !array || unit >= array.shape[0] || source >= (array.shape[1] ?? Infinity)) return null
  const at = source < 0 ? unit : unit * array.shape[1] + source
  const from = facts.columns[c - 1]
  const origin = source < 0 ? "bias" : from.names[from.slots ? from.slots[source] : source]
  return {
    value: array.values[at],
    gradient: arrays[`weights.${layer}.${part}_grad`].values[at],
    name: source < 0 ? `bias of ${facts.columns[c].names[unit]}` : `${origin} → ${facts.columns[c].names[unit]}`,
    origin,
    held: facts.held[`${layer}.${unit}.${source}`],
  }
}

/** A target in words, for the tip. */
function describe(root, target) {
  if (!target) return ""
  const stage = stageOf(root)
  if (target.kind === "weight") {
    const weight = weightOf(root, target)
    if (!weight) return ""
    const numbers = stage && tellStage(root, stage, target)
    return `${weight.name}${weight.held === undefined ? "" : " (held)"}${numbers || `\nweight ${number(weight.value)}   gradient ${number(weight.gradient)}`}`
  }
  const column = root.facts.columns[target.column]
  if (target.unit < 0) return `${column.names[target.row]}: off, click its name to add it`
  const numbers = stage && tellStage(root, stage, target)
  if (numbers) return column.names[target.row] + numbers
  const scale = root.arrays["neurons.scale"]
  return `${column.names[target.row]}   answers within ±${number(scale ? scale.values[column.first + target.unit] : 0)}`
}

/** Open the panel of a target; a click beside everything closes it. */
function choose(root, target) {
  const inside = root.panel?.contains(root.getRootNode().activeElement)
  root.chosen = target && (target.kind === "weight" || target.unit >= 0) ? target : null
  root.panelShape = null
  showPanel(root)
  // who came by keyboard goes on by keyboard
  if (inside) (root.panel?.querySelector("input[type=number], button") ?? root.canvas).focus()
}

/** Arrow keys walk over the neurons, Enter opens one. */
function moveCursor(root, event) {
  const { places, facts } = root
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
  if (steps) {
    const at = root.cursor ?? { column: -1, row: 0 }
    const column = Math.max(0, Math.min(places.length - 1, at.column + (root.cursor ? steps[0] : 1)))
    const row = Math.max(0, Math.min(places[column].ys.length - 1, at.row + (root.cursor ? steps[1] : 0)))
    root.cursor = { column, row }
  } else if (event.key === "Enter" && root.cursor) {
    const column = facts.columns[root.cursor.column]
    const unit = column.slots ? column.slots.indexOf(root.cursor.row) : root.cursor.row
    choose(root, { kind: "neuron", column: root.cursor.column, row: root.cursor.row, unit })
    root.panel?.querySelector("button")?.focus()
  } else if (event.key === "Escape") choose(root, null)
  else return
  event.preventDefault()
  event.stopPropagation()
  const slots = root.cursor && facts.columns[root.cursor.column].slots
  const target = root.cursor && { kind: "neuron", ...root.cursor, unit: slots ? slots.indexOf(root.cursor.row) : root.cursor.row }
  root.canvas.setAttribute("aria-label", target ? describe(root, target) : facts.alt)
  enlarge(root, target)
  paint(root)
}

/** Draw the panel of what is chosen, or bring its numbers up to date. */
function showPanel(root) {
  const target = root.chosen
  const valid = target && (target.kind === "weight" ? weightOf(root, target) : root.facts.columns[target.column]?.drawn > target.unit)
  if (!valid) {
    root.panel?.remove()
    root.panel = null
    return
  }
  if (!root.panel) {
    root.panel = make("div", { className: "panel" })
    root.panel.setAttribute("role", "dialog")
    root.panel.onkeydown = (event) => {
      event.stopPropagation()
      if (event.key === "Escape") {
        choose(root, null)
        root.canvas.focus()
      }
    }
    root.append(root.panel)
  }
  if (target.kind === "weight") showWeight(root, target)
  else showNeuron(root, target)
  root.panel.setAttribute("aria-label", root.panel.firstChild.textContent)
  const anchor = target.kind === "weight" ? weightPlace(root, target) : { x: root.places[target.column].x, y: root.places[target.column].ys[target.row] }
  root.panel.style.left = `${Math.max(4, Math.min(anchor.x + 26, root.clientWidth - root.panel.offsetWidth - 4))}px`
  root.panel.style.top = `${Math.max(4, Math.min(anchor.y - 20, root.clientHeight - root.panel.offsetHeight - 4))}px`
}

function weightPlace(root, { layer, unit, source }) {
  const edge = root.edges.find((each) => each.layer === layer && each.unit === unit && each.source === source)
  if (edge) return { x: (edge.x1 + edge.x2) / 2, y: (edge.y1 + edge.y2) / 2 }
  const c = root.facts.columns.findIndex((column) => column.layer === layer)
  return { x: root.places[c].x, y: root.places[c].ys[unit] }
}

function panelButton(text, act, pressed) {
  const made = make("button", { type: "button", className: "add", textContent: text, onclick: act })
  if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed))
  return made
}

/** One weight: drag or type its value, hold it, cut it. */
function showWeight(root, target) {
  const weight = weightOf(root, target)
  const place = { layer: target.layer, unit: target.unit, source: target.source }
  const held = weight.held !== undefined
  const shape = JSON.stringify([place, held, weight.held === 0])
  if (root.panelShape !== shape) {
    root.panelShape = shape
    const slider = make("input", { type: "range", min: -5, max: 5, step: 0.01 })
    const box = make("input", { type: "number", step: 0.01, min: -1000, max: 1000 })
    slider.setAttribute("aria-label", `${weight.name}, dragged`)
    box.setAttribute("aria-label", `${weight.name}, typed`)
    const put = (value) => {
      if (!Number.isFinite(value) || Math.abs(value) > 1000) return
      root.say({ op: root.isHeld ? "hold" : "weight", ...place, value })
    }
    slider.oninput = () => {
      box.value = slider.value
      clearTimeout(root.puttingOff)
      root.puttingOff = setTimeout(() => put(Number(slider.value)), 60)
    }
    box.onchange = () => put(Number(box.value))
    root.panel.replaceChildren(
      make("div", { className: "title", textContent: weight.name }),
      make("div", { className: "row" }, slider, box),
      make("div", { className: "row gradient" }),
      make("div", { className: "row" },
        panelButton(held ? "Let go" : "Hold", () => root.say(held ? { op: "release", ...place, value: 0 } : { op: "hold", ...place, value: weightOf(root, target).value }), held),
        panelButton("Cut", () => root.say({ op: "hold", ...place, value: 0 }), weight.held === 0),
        panelButton("Close", () => choose(root, null)),
      ),
    )
  }
  root.isHeld = held
  const [slider, box] = root.panel.querySelectorAll("input")
  const active = root.getRootNode().activeElement
  if (active !== slider && active !== box) {
    slider.value = weight.value
    box.value = weight.value.toFixed(3)
  }
  root.panel.querySelector(".gradient").textContent = `gradient of the last batch ${number(weight.gradient)}${held ? ", held: training does not move it" : ""}`
}

/** One neuron: its map large, its formula with its numbers, its weights as bars; off and on. */
function showNeuron(root, target) {
  const { facts, arrays } = root
  const column = facts.columns[target.column]
  const layer = column.layer
  const silenced = facts.silenced.includes(`${layer}.${target.unit}`)
  const inputs = layer === null ? [] : Array.from({ length: Math.min(16, arrays[`weights.${layer}.weight`].shape[1]) }, (_, i) => i)
  const shape = JSON.stringify([target, silenced, inputs.length, facts.shown])
  if (root.panelShape !== shape) {
    root.panelShape = shape
    const buttons = [panelButton("Close", () => choose(root, null))]
    if (layer !== null) {
      const on = facts.shown === `${layer}.${target.unit}`
      buttons.unshift(panelButton(on ? "Show the answer again" : "Show on the map", () => root.say(on ? { op: "show" } : { op: "show", layer, unit: target.unit }), on))
    }
    if (column.kind === "dense") buttons.unshift(panelButton(silenced ? "Switch on" : "Switch off", () => root.say({ op: "silence", layer, unit: target.unit }), silenced))
    root.panel.replaceChildren(
      make("div", { className: "title", textContent: column.names[target.row] }),
      make("canvas", { className: "large", width: 132, height: 132 }),
      make("div", { className: "formula" }),
      make("div", { className: "bars" }, ...[...inputs, ...(layer === null ? [] : [-1])].map((source) =>
        make("button", { type: "button", className: "bar", onclick: () => choose(root, { kind: "weight", layer, unit: target.unit, source }) },
          make("span", { className: "name" }), make("span", { className: "size" }, make("i", {})), make("span", { className: "value" })))),
      make("div", { className: "row" }, ...buttons),
    )
  }
  drawMap(root, root.panel.querySelector("canvas").getContext("2d"), column.first + target.unit, 66, 66, 132)
  const weights = [...inputs, ...(layer === null ? [] : [-1])].map((source) => weightOf(root, { layer, unit: target.unit, source }))
  const largest = Math.max(1e-9, ...weights.map((weight) => Math.abs(weight.value)))
  root.panel.querySelectorAll(".bar").forEach((bar, i) => {
    const weight = weights[i]
    bar.children[0].textContent = weight.origin
    bar.children[1].firstChild.style.cssText = `width:${(50 * Math.abs(weight.value)) / largest}%;${weight.value < 0 ? "right:50%" : "left:50%"};background:${weight.value < 0 ? facts.theme.negative : facts.theme.positive}`
    bar.children[2].textContent = number(weight.value)
    bar.setAttribute("aria-label", `${weight.name}: ${number(weight.value)}, edit`)
  })
  const terms = weights.map((weight, i) => `${weight.value < 0 ? "−" : i ? "+" : ""} ${number(Math.abs(weight.value))}${weight.origin === "bias" ? "" : `·${weight.origin}`}`)
  const sum = terms.length > 7 ? `${terms.slice(0, 5).join(" ")} … ${terms.at(-1)}` : terms.join(" ")
  const name = facts.activations.find(([key]) => key === column.activation)?.[1]
  root.panel.querySelector(".formula").textContent = layer === null ? column.hints[target.row] : `${silenced ? "0 · " : ""}${name ?? ""}(${sum.trim()})`
}
