const TOLD = 6 // numbers written on the edges into one layer; the others are told under the pointer
const PLACES = [0.5, 0.36, 0.64, 0.24, 0.76] // where along an edge its number may stand

/** The stage of the step to come that is shown, or null. */
const stageOf = (root) => root.facts.walk?.stages[root.stage] ?? null

/** One number of the step to come, where it is known: "2.weight_grad" at a place. */
const phaseNumber = (root, name, at) => root.arrays[`phase.${name}`]?.values[at] ?? null

/** What comes into a layer: the answers of the layer below, dropout included. */
const incoming = (root, layer, source) => phaseNumber(root, layer ? `${layer - 1}.value` : "input", source)

const difference = (root, layer, part, at) => {
  const [before, after] = [phaseNumber(root, `${layer}.${part}`, at), phaseNumber(root, `${layer}.${part}_after`, at)]
  return before === null || after === null ? null : after - before
}

/** What an edge carries at a stage: a product, a gradient or a change; null where it is not its turn. */
function edgeNumber(root, stage, { to, layer, source, at }) {
  if (stage.phase === "Update") return difference(root, layer, "weight", at)
  if (stage.phase === "Loss" || to !== stage.column) return null
  if (stage.phase === "Backward") return phaseNumber(root, `${layer}.weight_grad`, at)
  const [weight, value] = [phaseNumber(root, `${layer}.weight`, at), incoming(root, layer, source)]
  return weight === null || value === null ? null : weight * value
}

/** What stands at a neuron at a stage; null where nothing does yet. */
function neuronNumber(root, stage, c, unit) {
  const { layer } = root.facts.columns[c]
  if (stage.phase === "Update") return layer === null ? null : difference(root, layer, "bias", unit)
  if (stage.phase === "Backward") return layer === null || c < stage.column ? null : phaseNumber(root, `${layer}.value_grad`, unit)
  if (c > stage.column) return null
  return phaseNumber(root, layer === null ? "input" : `${layer}.value`, unit)
}

/** Write a number on a ground of its own; false where another stands there already. */
function write(root, context, taken, text, x, y, size) {
  const { theme } = root.facts
  context.font = `${size}px sans-serif`
  const half = context.measureText(text).width / 2 + 2
  x = Math.min(x, root.width - half)
  const box = [x - half, y - size / 2 - 1, x + half, y + size / 2 + 1]
  if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return false
  taken.push(box)
  context.globalAlpha = 0.88
  context.fillStyle = theme.ground
  context.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1])
  context.globalAlpha = 1
  context.fillStyle = theme.text
  context.textAlign = "center"
  context.textBaseline = "middle"
  context.fillText(text, x, y + 0.5)
  return true
}

/** Write the numbers of a stage: at every neuron whose turn it is or was, and on the strongest edges. */
function drawNumbers(root, context, stage) {
  const { facts, places } = root
  const taken = []
  facts.columns.forEach((column, c) => {
    const { x, size, ys } = places[c]
    if (c === stage.column) {
      context.strokeStyle = facts.theme.accent
      context.lineWidth = 2
      context.strokeRect(x - size / 2 - 6, ys[0] - size / 2 - 6, size + 12, ys[ys.length - 1] - ys[0] + size + 12)
    }
    ys.forEach((y, row) => {
      const unit = column.slots ? column.slots.indexOf(row) : row
      const value = unit < 0 || unit >= column.drawn ? null : neuronNumber(root, stage, c, unit)
      if (value !== null) write(root, context, taken, brief(value), x, y, (size < 20 ? 9 : 10.5) * root.type)
    })
  })
  const last = places[stage.column]
  ;(stage.notes ?? []).forEach((note, i) => {
    write(root, context, taken, note, last.x, last.ys[last.ys.length - 1] + last.size / 2 + (13 + 15 * i) * root.type, 11 * root.type)
  })
  const layers = new Map()
  for (const edge of root.edges) {
    const value = edgeNumber(root, stage, edge)
    if (value === null || value === 0) continue
    layers.set(edge.to, [...(layers.get(edge.to) ?? []), { edge, value }])
  }
  for (const list of layers.values()) {
    list.sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    for (const { edge, value } of list.slice(0, stage.phase === "Update" ? TOLD / 2 : TOLD)) {
      PLACES.some((t) => write(root, context, taken, brief(value), ...along(edge, t), 10 * root.type))
    }
  }
}

/** Two significant digits, for the picture; the pointer tells three. */
const brief = (value) => {
  const size = Math.abs(value)
  const text = value === 0 ? "0" : size >= 1e-3 && size < 1000 ? String(Number(value.toPrecision(2))) : value.toExponential(0)
  return text.replaceAll("-", "−")
}

/** What the pointer tells of an edge or a neuron at a stage; "" where there is nothing to tell. */
function tellStage(root, stage, target) {
  if (target.kind === "neuron") {
    const value = neuronNumber(root, stage, target.column, target.unit)
    const what = { Forward: "answers", Loss: "answers", Backward: "gradient of its answer", Update: "its bias changes by" }[stage.phase]
    return value === null ? "" : `\n${what} ${number(value)}`
  }
  const { layer, unit, source } = target
  const part = source < 0 ? "bias" : "weight"
  const at = source < 0 ? unit : unit * root.arrays[`weights.${layer}.weight`].shape[1] + source
  const weight = phaseNumber(root, `${layer}.${part}`, at)
  if (weight === null) return ""
  if (stage.phase === "Backward") return `\ngradient ${number(phaseNumber(root, `${layer}.${part}_grad`, at))}`
  if (stage.phase === "Update") return `\n${number(weight)} → ${number(phaseNumber(root, `${layer}.${part}_after`, at))}, a change of ${number(difference(root, layer, part, at))}`
  if (source < 0) return ""
  const value = incoming(root, layer, source)
  return `\n${number(weight)} · ${number(value)} = ${number(weight * value)}`
}

/** Put what is said about the stage, and the way through the stages, below the neurons. */
function showWalk(root) {
  const { walk } = root.facts
  if (!walk) {
    root.walk?.remove()
    root.walk = null
    return
  }
  const about = `${walk.step}.${walk.point}`
  if (root.walkAbout !== about || !walk.stages[root.stage]) root.stage = 0
  root.walkAbout = about
  const entering = !root.walk
  if (entering) buildWalk(root)
  const stage = stageOf(root)
  const [list, say, row] = root.walk.children
  ;[...list.children].forEach((item) => {
    const current = item.dataset.phase === stage.phase
    item.firstChild.setAttribute("aria-current", current ? "step" : "false")
  })
  const text = `Step ${walk.step}, ${root.stage + 1} of ${walk.stages.length}. ${stage.say}`
  if (say.textContent !== text) say.textContent = text
  const [back, next, act, , trace, first] = row.children
  const box = trace.firstElementChild
  box.max = walk.n_points
  if (root.getRootNode().activeElement !== box) box.value = walk.point + 1
  trace.lastChild.textContent = ` of ${walk.n_points}`
  if (!walk.chosen && root.getRootNode().activeElement === first) box.focus()
  first.disabled = !walk.chosen
  back.disabled = root.stage === 0
  next.disabled = root.stage === walk.stages.length - 1
  act.disabled = !walk.may_step
  if (next.disabled && root.getRootNode().activeElement === next) act.focus()
  if (entering) next.focus({ preventScroll: true })
}

function goTo(root, stage) {
  const last = root.facts.walk.stages.length - 1
  // a disabled button lets the keyboard go: the one beside it takes it over first
  if (stage <= 0) root.walk.lastChild.children[1].focus()
  if (stage >= last) root.walk.lastChild.children[2].focus()
  root.stage = Math.max(0, Math.min(last, stage))
  showWalk(root)
  paint(root)
}

/** Where the number of the training point is typed that goes through the network. */
function chooser(root) {
  const box = make("input", { type: "number", min: 1, step: 1, title: "Type a number, or click a point in the plane" })
  box.setAttribute("aria-label", "Training point to trace")
  box.onchange = () => {
    const value = Math.max(1, Math.min(root.facts.walk.n_points, Math.round(box.valueAsNumber) || 1))
    box.value = value
    root.say({ op: "trace", value })
  }
  return make("label", { className: "trace" }, "Point ", box, " ")
}

function buildWalk(root) {
  const phases = [...new Set(root.facts.walk.stages.map(({ phase }) => phase))]
  const first = (phase) => root.facts.walk.stages.findIndex((stage) => stage.phase === phase)
  const list = make("ol", {}, ...phases.map((phase) => {
    const item = make("li", {}, panelButton(phase, () => goTo(root, first(phase))))
    item.dataset.phase = phase
    return item
  }))
  const say = make("p", {})
  say.setAttribute("aria-live", "polite")
  root.walk = make("div", { className: "walk" }, list, say,
    make("div", { className: "row" },
      panelButton("Back", () => goTo(root, root.stage - 1)),
      panelButton("Next", () => goTo(root, root.stage + 1)),
      panelButton("Do the step", () => root.say({ op: "step" })),
      panelButton("Leave", () => root.say({ op: "leave" })),
      chooser(root),
      panelButton("First of the batch", () => root.say({ op: "trace", value: null }))))
  root.walk.setAttribute("role", "group")
  root.walk.setAttribute("aria-label", "The next step, phase by phase")
  root.walk.onkeydown = (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (event.target.tagName === "INPUT" && event.key !== "Escape") return event.stopPropagation()
    if (way) goTo(root, root.stage + way)
    else if (event.key === "Escape") root.say({ op: "leave" })
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  root.append(root.walk)
}
