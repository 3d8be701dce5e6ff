const SVG = "http://www.w3.org/2000/svg"
const ROW = 156 // px from neuron to neuron
const [GAP, NARROW] = [196, 132] // px between layers: room for the weights, that fan out or do not
const [CELL_W, CELL_H] = [94, 38] // a weight: its value, and its gradient on the band below
const BOX_H = 94
const BAND = 38 // the lower part of a box, where the gradients stand
const WIDTHS = { input: 104, bent: 206, plain: 112, loss: 112 }
const TOP = 30

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** Where everything stands. */
function arrangeChain({ columns, inputs }) {
  const most = Math.max(inputs.length, ...columns.map(({ names }) => names.length))
  const height = most * ROW
  const ys = (n) => Array.from({ length: n }, (_, k) => TOP + height / 2 + (k - (n - 1) / 2) * ROW - 14)
  const gap = most > inputs.length || columns.some(({ names }) => names.length > 1) ? GAP : NARROW
  let x = 2
  const stacks = [{ x, width: WIDTHS.input, ys: ys(inputs.length) }]
  columns.forEach(({ names, bend }) => {
    x += stacks.at(-1).width + gap
    stacks.push({ x, width: bend === "linear" ? WIDTHS.plain : WIDTHS.bent, ys: ys(names.length) })
  })
  x += stacks.at(-1).width + 70
  return { stacks, loss: { x, width: WIDTHS.loss, y: stacks.at(-1).ys[0] }, width: x + WIDTHS.loss + 2, height: TOP + height }
}

/** A text whose words after ``_`` are an index. */
function svgSymbol(symbol, attributes) {
  const text = svg("text", attributes)
  symbol.split(/_(\w+)/).forEach((part, i) => {
    if (!part) return
    text.append(i % 2 ? svg("tspan", { dy: 4, "font-size": "75%" }, part) : svg("tspan", i ? { dy: -4 } : {}, part))
  })
  return text
}

/** Two numbers of a place: its value above, its gradient on the band. */
function numbers(root, parent, place, x, yValue, yGradient, anchor = "middle") {
  const value = parent.appendChild(svg("text", { x, y: yValue, class: "value", "text-anchor": anchor }))
  const gradient = yGradient ? parent.appendChild(svg("text", { x, y: yGradient, class: "gradient", "text-anchor": anchor })) : null
  root.shown.push({ place, value, gradient, group: parent })
}

/** A box that can be pressed: a number that can be chosen and changed. */
function pressable(root, place, group) {
  group.setAttribute("role", "button")
  group.setAttribute("tabindex", "0")
  group.classList.add("pressable")
  group.dataset.place = place
  const act = () => root.choose(place)
  group.onclick = act
  group.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return
    event.preventDefault()
    event.stopPropagation()
    act()
  }
}

function boxAt(x, y, width, height, band, kind) {
  const group = svg("g", { class: `box ${kind}`, transform: `translate(${x} ${y})` })
  group.append(svg("rect", { width, height, rx: 8, class: "ground" }))
  group.append(svg("path", { class: "band", d: `M0 ${height - band}h${width}v${band - 8}a8 8 0 0 1 -8 8h${16 - width}a8 8 0 0 1 -8 -8z` }))
  group.append(svg("rect", { width, height, rx: 8, class: "frame" }))
  return group
}

/** A neuron: its sum, what the activation makes of it, and below them what comes back. */
function neuron(root, layer, u, stack) {
  const { names, bend } = root.facts.columns[layer]
  const y = stack.ys[u] - BOX_H / 2
  const group = boxAt(stack.x, y, stack.width, BOX_H, BAND, "neuron")
  const bent = bend !== "linear"
  const [left, right] = bent ? [42, stack.width - 42] : [stack.width / 2, 0]
  const z = svg("g", { "data-lit": `z.${layer}.${u}` })
  z.append(svgSymbol(`z_${names[u]}`, { x: left, y: 17, class: "name", "text-anchor": "middle" }))
  numbers(root, z, `z.${layer}.${u}`, left, 43, 82)
  group.append(z)
  if (bent) {
    const middle = stack.width / 2
    const a = svg("g", { "data-lit": `a.${layer}.${u}` })
    a.append(svgSymbol(names[u] === "o" ? "ŷ" : `a_${names[u]}`, { x: right, y: 17, class: "name", "text-anchor": "middle" }))
    numbers(root, a, `a.${layer}.${u}`, right, 43, 82)
    group.append(a, svg("text", { x: middle, y: 36, class: "arrow", "text-anchor": "middle" }, "→"))
    group.append(svg("text", { x: middle, y: 17, class: "name bend", "text-anchor": "middle" }, root.facts.bends[bend]))
    const slope = group.appendChild(svg("text", { x: middle, y: 81, class: "slope", "text-anchor": "middle" }))
    root.shown.push({ place: `s.${layer}.${u}`, value: slope, gradient: null, group, before: "← ×" })
  }
  const bias = boxAt(stack.x + 2, y + BOX_H + 3, 140, 22, 0, "bias")
  bias.dataset.lit = `b.${layer}.${u}`
  bias.append(svgSymbol(`b_${names[u]}`, { x: 6, y: 16, class: "name" }))
  numbers(root, bias, `b.${layer}.${u}`, 80, 16, 0, "end")
  root.shown.at(-1).gradient = bias.appendChild(svg("text", { x: 134, y: 16, class: "gradient", "text-anchor": "end" }))
  pressable(root, `b.${layer}.${u}`, bias)
  return [group, bias]
}

/** A weight: a line from its source to its neuron, with its numbers on it. */
function weight(root, layer, u, j, from, to) {
  const [x1, y1, x2, y2] = [from.x + from.width, from.ys[j], to.x, to.ys[u]]
  const line = svg("line", { x1, y1, x2, y2, class: "way", "data-lit": `w.${layer}.${u}.${j}` })
  // at a quarter of the way, the numbers of three ways from each of three neurons stand clear of each other
  const at = Math.max(1 / 4, (CELL_W / 2 + 3) / (x2 - x1))
  const [cx, cy] = [x1 + (x2 - x1) * at, y1 + (y2 - y1) * at]
  const group = boxAt(cx - CELL_W / 2, cy - CELL_H / 2, CELL_W, CELL_H, 18, "weight")
  group.dataset.lit = `w.${layer}.${u}.${j}`
  const source = layer ? root.facts.columns[layer - 1].names[j] : j + 1
  group.append(svgSymbol(`w_${source}${root.facts.columns[layer].names[u]}`, { x: 5, y: 15, class: "name" }))
  numbers(root, group, `w.${layer}.${u}.${j}`, CELL_W - 6, 15.5, 33, "end")
  pressable(root, `w.${layer}.${u}.${j}`, group)
  root.ways.push({ line, place: `w.${layer}.${u}.${j}` })
  return [line, group]
}

/** Draw the network anew: once for each network. */
function build(root) {
  const { facts } = root
  const place = arrangeChain(facts)
  root.shown = []
  root.ways = []
  const drawing = svg("svg", { viewBox: `0 0 ${place.width} ${place.height}`, role: "group", "aria-label": facts.alt })
  drawing.style.minWidth = `${Math.min(place.width, 1000)}px`
  drawing.style.maxWidth = `${place.width * 1.12}px`
  const lines = svg("g", {}), cells = svg("g", {}), boxes = svg("g", {})
  place.stacks.forEach(({ x, width }, c) => {
    const title = c === 0 ? "input" : c === facts.columns.length ? "output" : `layer ${c}`
    boxes.append(svg("text", { x: x + width / 2, y: 18, class: "title", "text-anchor": "middle" }, title))
  })
  facts.inputs.forEach((label, j) => {
    const stack = place.stacks[0]
    const group = boxAt(stack.x, stack.ys[j] - 37, stack.width, 74, 30, "input")
    group.dataset.lit = `x.${j}`
    group.append(svgSymbol(`x_${j + 1}`, { x: 9, y: 18, class: "name" }))
    numbers(root, group, `x.${j}`, stack.width / 2 + 4, 32, 64)
    pressable(root, `x.${j}`, group)
    boxes.append(group)
  })
  facts.columns.forEach(({ names }, layer) => {
    const [from, to] = [place.stacks[layer], place.stacks[layer + 1]]
    names.forEach((_, u) => {
      boxes.append(...neuron(root, layer, u, to))
      from.ys.forEach((_, j) => {
        const [line, cell] = weight(root, layer, u, j, from, to)
        lines.append(line)
        cells.append(cell)
      })
    })
  })
  drawing.append(lines, boxes, cells, lossBox(root, place, lines))
  root.picture.replaceChildren(drawing)
}

/** The loss, and what would be right. */
function lossBox(root, { loss, stacks }, lines) {
  const last = stacks.at(-1)
  lines.append(svg("line", { x1: last.x + last.width, y1: loss.y, x2: loss.x, y2: loss.y, class: "way plain" }))
  const group = boxAt(loss.x, loss.y - BOX_H / 2, loss.width, BOX_H, BAND, "loss")
  group.dataset.lit = "L"
  group.append(svg("text", { x: loss.width / 2, y: 17, class: "name", "text-anchor": "middle" }, "loss L"))
  numbers(root, group, "L", loss.width / 2, 43, 82)
  const right = boxAt(loss.x + 2, loss.y + BOX_H / 2 + 3, loss.width - 4, 26, 0, "truth")
  right.dataset.lit = "y"
  right.append(svg("text", { x: 8, y: 18, class: "name" }, "right: y"))
  numbers(root, right, "y", loss.width - 22, 18.5, 0)
  pressable(root, "y", right)
  const whole = svg("g", {})
  whole.append(group, right)
  return whole
}

/** Whether a weight lies on a way from the chosen place to the loss; all do where none is chosen. */
function onTheWay(root, place) {
  const { chosen, quiz } = root.facts
  if (root.step >= 0 || quiz || chosen === "y") return true
  const [layer, , j] = place.split(".").slice(1).map(Number)
  const [kind, first, unit] = [chosen[0], ...chosen.split(".").slice(1).map(Number)]
  if (kind === "x") return layer > 0 || j === first
  if (layer === first) return place === chosen
  return layer > first + 1 || (layer === first + 1 && j === unit)
}

/** Put the numbers of the moment into the drawing; what is not known yet stays open. */
function paintChain(root) {
  const most = Math.max(0.5, ...root.ways.map(({ place }) => Math.abs(numberAt(root, `v:${place}`))))
  for (const { line, place } of root.ways) {
    const value = numberAt(root, `v:${place}`)
    line.setAttribute("stroke-width", 1.5 + 6 * Math.abs(value) / most)
    line.classList.toggle("aside", !onTheWay(root, place))
    line.setAttribute("stroke", value < 0 ? root.facts.theme.negative : root.facts.theme.positive)
  }
  const updating = root.stepNow()?.phase === "Update"
  for (const { place, value, gradient, before = "" } of root.shown) {
    const moved = updating && /^[wb]/.test(place)
    write(value, root.known(`v:${place}`) ? before + brief(numberAt(root, `v:${place}`)) : root.open(`v:${place}`))
    if (!gradient) continue
    write(gradient, moved ? `→ ${brief(numberAt(root, `u:${place}`))}` : root.known(`g:${place}`) ? brief(numberAt(root, `g:${place}`)) : root.open(`g:${place}`))
  }
  const lit = new Set(root.lit())
  for (const element of root.picture.querySelectorAll("[data-lit]")) element.classList.toggle("lit", lit.has(element.dataset.lit))
  for (const element of root.picture.querySelectorAll("[data-place]")) {
    const { place } = element.dataset
    element.classList.toggle("chosen", place === root.facts.chosen && root.step < 0 && !root.facts.quiz)
    const told = [root.known(`v:${place}`) ? brief(numberAt(root, `v:${place}`)) : "not told yet"]
    if (place !== "y" && root.known(`g:${place}`)) told.push(`gradient ${brief(numberAt(root, `g:${place}`))}`)
    element.setAttribute("aria-label", `${spokenSymbol(root.facts.symbols[place])} ${told.join(", ")}`)
  }
}

function write(text, said) {
  if (text.textContent !== said) text.textContent = said
  text.classList.toggle("asked", said === "?")
}
