/** Milliseconds between two tellings of a stroke that goes on. */
const TELL_EVERY_MS = 150
/** After which a drawing that was not acknowledged is told again. */
const TELL_AGAIN_MS = 1000
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

const hexChannels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))

function build(parentElement) {
  const root = make("div", { className: "sketch" })
  root.canvas = make("canvas", { tabIndex: 0 })
  root.canvas.setAttribute("role", "application")
  root.clear = make("button", { type: "button", textContent: "Clear" })
  root.eraser = make("button", { type: "button", textContent: "Rub out" })
  root.eraser.setAttribute("aria-pressed", "false")
  root.colour = make("input", { type: "color", value: "#ff5050" })
  root.colourLabel = make("label", {}, "Colour ", root.colour)
  root.append(root.canvas, make("div", { className: "row" }, root.clear, root.eraser, root.colourLabel))
  Object.assign(root, { stroke: null, cursor: null, number: 0, told: 0, toldAt: 0, timer: 0, last: null })
  parentElement.appendChild(root)
  root.canvas.onpointerdown = (event) => {
    if (event.button) return
    root.canvas.setPointerCapture(event.pointerId)
    root.cursor = null
    root.stroke = beginStroke(root.ink, pen(root))
    root.last = place(root, event)
    paintTo(root, root.last)
  }
  root.canvas.onpointermove = (event) => {
    if (!root.stroke || root.cursor) return
    for (const each of event.getCoalescedEvents?.() ?? [event]) paintTo(root, place(root, each))
  }
  root.canvas.onpointerup = root.canvas.onpointercancel = () => {
    root.stroke = null
    tell(root)
  }
  root.canvas.onkeydown = (event) => key(root, event)
  root.canvas.onkeyup = (event) => {
    if (event.key === " " && root.cursor) root.stroke = null
  }
  root.canvas.onblur = () => {
    if (root.cursor) root.stroke = root.cursor = null
    draw(root)
  }
  root.clear.onclick = () => {
    root.ink.values.fill(0)
    root.stroke = null
    changed(root)
  }
  root.eraser.onclick = () => {
    const on = root.eraser.getAttribute("aria-pressed") !== "true"
    root.eraser.setAttribute("aria-pressed", String(on))
  }
  return root
}

/** What the brush leaves: full ink, the chosen colour, or nothing where it rubs out. */
function pen(root) {
  const channels = root.ink.shape[2]
  if (root.eraser.getAttribute("aria-pressed") === "true") return new Array(channels).fill(0)
  return channels === 3 ? hexChannels(root.colour.value) : [255]
}

/** Where the pointer is, in cells of the grid. */
function place(root, event) {
  const box = root.canvas.getBoundingClientRect()
  const [rows, columns] = root.ink.shape
  return [((event.clientX - box.left) / box.width) * columns, ((event.clientY - box.top) / box.height) * rows]
}

function paintTo(root, to) {
  strokeTo(root.ink, root.stroke, root.last, to, root.radius)
  root.last = to
  changed(root)
}

/** Arrow keys move the brush, with Shift in small steps; space puts it down, and it paints while held. */
function key(root, event) {
  const [rows, columns] = root.ink.shape
  if (!(event.key in MOVES) && event.key !== " ") return
  event.preventDefault()
  event.stopPropagation()
  root.cursor ??= [columns / 2, rows / 2]
  if (event.key === " ") {
    if (event.repeat) return
    root.stroke = beginStroke(root.ink, pen(root))
    root.last = root.cursor
    paintTo(root, root.cursor)
    return
  }
  const step = (event.shiftKey ? 0.01 : 0.04) * rows
  const [dx, dy] = MOVES[event.key]
  const clamp = (at, most) => Math.min(most, Math.max(0, at))
  root.cursor = [clamp(root.cursor[0] + dx * step, columns), clamp(root.cursor[1] + dy * step, rows)]
  if (root.stroke) paintTo(root, root.cursor)
  draw(root)
}

function changed(root) {
  root.number += 1
  draw(root)
  if (!root.timer) {
    root.timer = setTimeout(() => tell(root), Math.max(0, TELL_EVERY_MS - (performance.now() - root.toldAt)))
  }
}

/** Tell the page the whole drawing: the last of many is the one that counts. */
function tell(root) {
  clearTimeout(root.timer)
  root.timer = 0
  if (root.told === root.number) return
  root.told = root.number
  root.toldAt = performance.now()
  let text = ""
  for (const value of root.ink.values) text += String.fromCharCode(value)
  const empty = root.ink.values.every((value) => value === 0)
  root.send("drawn", { begun: root.begun, number: root.number, ink: btoa(text), empty })
}

/** Draw the ink, from the ground to the text's colour or in its own, and where the keyboard's brush is. */
function draw(root) {
  const { canvas, ink, theme } = root
  const [rows, columns, channels] = ink.shape
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows })
  const context = canvas.getContext("2d")
  const image = context.createImageData(columns, rows)
  const [ground, text] = [hexChannels(theme.ground), hexChannels(theme.text)]
  for (let i = 0; i < rows * columns; i++) {
    for (let k = 0; k < 3; k++) {
      const share = ink.values[i * channels] / 255
      image.data[4 * i + k] = channels === 3 ? ink.values[3 * i + k] : ground[k] + share * (text[k] - ground[k])
    }
    image.data[4 * i + 3] = 255
  }
  context.putImageData(image, 0, 0)
  if (root.cursor) {
    context.strokeStyle = theme.accent
    context.lineWidth = 1
    context.beginPath()
    context.arc(root.cursor[0], root.cursor[1], Math.max(2, root.radius), 0, 2 * Math.PI)
    context.stroke()
  }
}

/** A sheet to draw on: the pointer or the keyboard paints, and the page is told the drawing as it goes on. */
export default function ({ data, parentElement, setTriggerValue }) {
  const { facts, arrays } = readRecord(data)
  const root = parentElement.querySelector(".sketch") ?? build(parentElement)
  root.send = setTriggerValue
  const fresh = root.begun !== facts.begun
  const other = fresh || root.theme?.name !== facts.theme.name
  root.theme = facts.theme
  if (fresh) {
    // another sheet: what was on the way from the one before is nobody's any more
    clearTimeout(root.timer)
    Object.assign(root, { begun: facts.begun, ink: arrays.ink, stroke: null, timer: 0 })
    root.number = root.told = facts.taken
  }
  root.radius = facts.brush * root.ink.shape[0]
  root.colourLabel.hidden = root.ink.shape[2] !== 3
  root.canvas.setAttribute("aria-label", facts.alt)
  root.classList.toggle("greyed", facts.greyed)
  if (other) draw(root)
  if (root.told > facts.taken && !root.timer && performance.now() - root.toldAt > TELL_AGAIN_MS) {
    root.told = facts.taken
    tell(root)
  }
  root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1)
  return whenGone(parentElement, () => {
    clearTimeout(root.timer)
    root.remove()
  })
}
