const HEAD = 104 // px above the neurons, for the controls of a layer
const MAP = 24 // cells along a side of a neuron's map
const LABEL = 46 // px left of the inputs, for their names

/** Three numbers 0–255 from "#rrggbb". */
const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))

/** 255 colours for −127…127: from negative through the ground to positive. */
function palette(theme) {
  const [negative, ground, positive] = [theme.negative, theme.ground, theme.positive].map(channels)
  return Array.from({ length: 255 }, (_, i) => {
    const share = Math.abs(i - 127) / 127
    const full = i < 127 ? negative : positive
    return ground.map((c, k) => Math.round(c + (full[k] - c) * share))
  })
}

/** Where every neuron stands: columns of {x, size, ys}. */
function arrange(facts, width, height) {
  const n = facts.columns.length
  const left = LABEL + 20
  const right = width - 34
  return facts.columns.map((column, c) => {
    const rows = column.rows
    const pitch = Math.min(46, (height - HEAD - 4) / rows)
    const size = Math.max(8, Math.min(34, pitch - 5))
    const x = n === 1 ? left : left + ((right - left) * c) / (n - 1)
    const top = HEAD + (height - HEAD) / 2 - (pitch * rows) / 2 + pitch / 2
    return { x, size, ys: Array.from({ length: rows }, (_, i) => top + i * pitch) }
  })
}

/** Draw one neuron's 24 × 24 map into a box; the lowest row of the map is the lowest in the picture. */
function drawMap(context, scratch, colours, values, first, x, y, size) {
  const image = scratch.getContext("2d").createImageData(MAP, MAP)
  for (let row = 0; row < MAP; row++) {
    for (let k = 0; k < MAP; k++) {
      const colour = colours[values[first + (MAP - 1 - row) * MAP + k] + 127]
      const at = (row * MAP + k) * 4
      image.data[at] = colour[0]
      image.data[at + 1] = colour[1]
      image.data[at + 2] = colour[2]
      image.data[at + 3] = 255
    }
  }
  scratch.getContext("2d").putImageData(image, 0, 0)
  context.drawImage(scratch, x - size / 2, y - size / 2, size, size)
}

/** Every drawn edge as {from, to, weight, gradient, ends}. */
function edges(facts, arrays, places) {
  const found = []
  for (const link of facts.links) {
    const weights = arrays[`weights.${link.layer}.weight`]
    const gradients = arrays[`weights.${link.layer}.weight_grad`]
    if (!weights) continue
    const [units, inputs] = weights.shape
    const source = facts.columns[link.to - 1]
    for (let j = 0; j < units; j++) {
      for (let i = 0; i < inputs; i++) {
        const from = source.slots ? source.slots[i] : i
        const a = places[link.to - 1]
        const b = places[link.to]
        found.push({
          weight: weights.values[j * inputs + i], gradient: gradients.values[j * inputs + i],
          x1: a.x + a.size / 2, y1: a.ys[from], x2: b.x - b.size / 2, y2: b.ys[j],
          name: `${source.names[from]} → ${facts.columns[link.to].names[j]}`,
          layer: link.layer, unit: j, source: i,
          held: facts.held[`${link.layer}.${j}.${i}`],
        })
      }
    }
  }
  return found
}

/** Paint the whole diagram once. */
function paint(root) {
  const { facts, arrays, places, canvas } = root
  const ratio = window.devicePixelRatio || 1
  const width = root.clientWidth
  const height = root.clientHeight
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
  }
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  root.edges = edges(facts, arrays, places)
  const largest = root.edges.reduce((most, edge) => Math.max(most, Math.abs(edge.weight)), 1e-9)
  const crowd = Math.min(1, 220 / (root.edges.length + 1))
  for (const edge of root.edges) {
    const size = Math.abs(edge.weight) / largest
    const middle = (edge.x1 + edge.x2) / 2
    context.beginPath()
    context.moveTo(edge.x1, edge.y1)
    context.bezierCurveTo(middle, edge.y1, middle, edge.y2, edge.x2, edge.y2)
    context.strokeStyle = edge.weight < 0 ? facts.theme.negative : facts.theme.positive
    context.globalAlpha = (0.2 + 0.75 * size) * (0.4 + 0.6 * crowd)
    context.lineWidth = 0.5 + 3.5 * size
    // a negative weight is dashed as well as orange
    context.setLineDash(edge.weight < 0 ? [5, 3] : [])
    context.stroke()
    if (edge.held !== undefined) drawHeld(context, facts.theme, middle, (edge.y1 + edge.y2) / 2, edge.held)
  }
  context.setLineDash([])
  context.globalAlpha = 1
  context.imageSmoothingEnabled = true
  const maps = arrays["neurons.maps"]
  facts.columns.forEach((column, c) => {
    const { x, size, ys } = places[c]
    const biases = column.layer === null ? null : arrays[`weights.${column.layer}.bias`]
    ys.forEach((y, row) => {
      const unit = column.slots ? column.slots.indexOf(row) : row
      if (unit >= 0 && maps && unit < column.drawn) {
        drawMap(context, root.scratch, root.colours, maps.values, (column.first + unit) * MAP * MAP, x, y, size)
      }
      context.lineWidth = 1
      context.setLineDash(unit < 0 ? [2, 2] : [])
      context.strokeStyle = facts.theme.faint
      context.strokeRect(x - size / 2 + 0.5, y - size / 2 + 0.5, size - 1, size - 1)
      context.setLineDash([])
      if (unit >= 0 && facts.silenced.includes(`${column.layer}.${unit}`)) drawCross(context, facts.theme, x, y, size)
      if (root.cursor && root.cursor.column === c && root.cursor.row === row) {
        context.lineWidth = 2
        context.strokeStyle = facts.theme.accent
        context.strokeRect(x - size / 2 - 3, y - size / 2 - 3, size + 6, size + 6)
      }
      if (biases && unit >= 0) {
        const bias = biases.values[unit]
        context.fillStyle = bias < 0 ? facts.theme.negative : facts.theme.positive
        context.fillRect(x - size / 2 - 3, y + size / 2 - 4, 6, 6)
        context.strokeStyle = facts.theme.ground
        context.strokeRect(x - size / 2 - 3, y + size / 2 - 4, 6, 6)
      }
    })
    if (column.units > column.drawn) {
      context.fillStyle = facts.theme.faint
      context.font = "11px sans-serif"
      context.textAlign = "center"
      context.fillText(`+ ${column.units - column.drawn}`, x, ys[ys.length - 1] + size / 2 + 12)
    }
  })
}

/** Put the controls of the layers above them and the switches of the inputs beside them; only when they changed. */
function controls(root) {
  const { facts, places } = root
  const shape = JSON.stringify([facts.columns, facts.limits, root.clientWidth, root.clientHeight])
  if (root.shape === shape) return
  root.shape = shape
  const focused = root.getRootNode().activeElement?.dataset?.control
  root.querySelectorAll(".head, .input").forEach((element) => element.remove())
  const say = (edit) => root.say(edit)
  const button = (text, label, enabled, edit) => {
    const made = make("button", { type: "button", textContent: text, title: label, disabled: !enabled })
    made.setAttribute("aria-label", label)
    made.dataset.control = label
    made.onclick = () => say(edit)
    return made
  }
  const select = (label, options, value, edit) => {
    const made = make("select", { title: label })
    made.setAttribute("aria-label", label)
    made.dataset.control = label
    for (const [key, text] of options) made.append(new Option(text, key, false, String(key) === String(value)))
    made.onchange = () => say({ ...edit, value: made.value })
    return made
  }
  const room = places.length > 1 ? places[1].x - places[0].x : 120
  facts.columns.forEach((column, c) => {
    const head = make("div", { className: "head" })
    head.style.left = `${places[c].x}px`
    head.style.maxWidth = `${Math.max(56, room - 6)}px`
    if (column.kind === "dense") {
      const name = `layer ${c}`
      const count = make("div", { className: "count" })
      count.append(
        button("−", `Remove a neuron from ${name}`, column.units > 1, { op: "grow", layer: column.layer, value: -1 }),
        make("output", { textContent: column.units, title: `${column.units} neurons in ${name}` }),
        button("+", `Add a neuron to ${name}`, column.units < facts.limits.units, { op: "grow", layer: column.layer, value: 1 }),
      )
      if (room > 84) count.append(button("×", `Remove ${name}`, true, { op: "remove", layer: column.layer }))
      const drops = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
      if (!drops.includes(column.dropout)) drops.push(column.dropout)
      head.append(
        count,
        select(`Activation of ${name}`, facts.activations, column.activation, { op: "activation", layer: column.layer }),
        select(`Dropout after ${name}`, drops.map((p) => [p, p ? `drop ${p}` : "no drop"]), column.dropout, { op: "dropout", layer: column.layer }),
      )
      const freeze = button(column.frozen ? "frozen" : "freeze", `Freeze ${name}`, true, { op: "frozen", layer: column.layer, value: !column.frozen })
      freeze.setAttribute("aria-pressed", String(column.frozen))
      freeze.classList.add("add")
      head.append(freeze)
    } else {
      head.append(make("div", { className: "name", textContent: column.title }))
      if (column.kind === "output") {
        const add = button("+ layer", "Add a hidden layer before the output", facts.limits.more_layers, { op: "add" })
        add.classList.add("add")
        head.append(add)
        head.append(make("div", { className: "name", textContent: column.activation }))
      }
      if (column.kind === "input") {
        column.names.forEach((name, row) => {
          const on = column.slots.includes(row)
          const size = places[c].size
          const toggle = make("button", { type: "button", className: "input", title: column.hints[row] },
            make("span", { className: "label", textContent: name }))
          toggle.setAttribute("aria-pressed", String(on))
          toggle.setAttribute("aria-label", `Input ${name}`)
          toggle.dataset.control = `Input ${name}`
          toggle.style.left = `${places[c].x - size / 2 - LABEL}px`
          toggle.style.top = `${places[c].ys[row] - size / 2}px`
          toggle.style.width = `${LABEL + size}px`
          toggle.style.height = `${size}px`
          toggle.onclick = () => say({ op: "input", value: column.kinds[row] })
          root.append(toggle)
        })
      }
    }
    root.append(head)
  })
  if (facts.locked) root.querySelectorAll("button, select").forEach((control) => (control.disabled = true))
  if (focused) [...root.querySelectorAll("[data-control]")].find((e) => e.dataset.control === focused)?.focus()
}

function refresh(root) {
  if (!root.clientWidth) return
  root.places = arrange(root.facts, root.clientWidth, root.clientHeight)
  controls(root)
  paint(root)
}

/** The network as a diagram: inputs, neurons with their maps, edges by sign and size of weight, output. */
export default function ({ data, parentElement, setTriggerValue }) {
  const { facts, arrays } = readRecord(data)
  let root = parentElement.querySelector(".network")
  if (!root) {
    root = make("div", { className: "network" })
    queueing(root)
    root.canvas = make("canvas", {})
    root.canvas.setAttribute("role", "img")
    root.tip = make("div", { className: "tip" })
    root.scratch = make("canvas", { width: MAP, height: MAP })
    root.append(root.canvas, root.tip)
    parentElement.appendChild(root)
    root.onpointermove = (event) => {
      const box = root.getBoundingClientRect()
      const [x, y] = [event.clientX - box.left, event.clientY - box.top]
      const text = event.target.closest("select, .head, .panel") ? "" : describe(root, hit(root, x, y))
      root.tip.style.display = text ? "block" : "none"
      root.tip.textContent = text
      root.tip.style.left = `${Math.min(x + 14, root.clientWidth - root.tip.offsetWidth - 4)}px`
      root.tip.style.top = `${Math.min(y + 14, root.clientHeight - root.tip.offsetHeight - 4)}px`
    }
    root.canvas.tabIndex = 0
    root.canvas.onclick = (event) => {
      const box = root.getBoundingClientRect()
      choose(root, hit(root, event.clientX - box.left, event.clientY - box.top))
    }
    root.canvas.onkeydown = (event) => moveCursor(root, event)
    root.canvas.onblur = () => {
      root.cursor = null
      paint(root)
    }
    root.onpointerleave = () => (root.tip.style.display = "none")
    root.watcher = new ResizeObserver(() => root.facts && refresh(root))
    root.watcher.observe(root)
  }
  root.send = setTriggerValue
  root.facts = facts
  acknowledge(root, facts.taken)
  root.arrays = arrays
  root.colours = palette(facts.theme)
  root.style.height = `${facts.height}px`
  root.classList.toggle("greyed", facts.greyed)
  root.canvas.setAttribute("aria-label", facts.alt)
  refresh(root)
  showPanel(root)
  root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1)
  return () => {
    root.watcher.disconnect()
    root.remove()
  }
}
