const APART = 0.3 // units of the plane between two points of one stroke
const TELL_EVERY_MS = 150

/** Where on the plane a pointer is. */
function placeAt(root, event) {
  const box = root.getBoundingClientRect()
  const { xaxis, yaxis } = root.plot._fullLayout
  return [xaxis.p2d(event.clientX - box.left - xaxis._offset), yaxis.p2d(event.clientY - box.top - yaxis._offset)]
}

/** Let the pointer paint, erase or move points on a plot; strokes are told while they go on. */
function painting(root, facts, tell) {
  const overlay = root.overlay
  const [tool] = facts.tool.split(":")
  overlay.style.pointerEvents = tool === "look" ? "none" : "auto"
  overlay.style.cursor = tool === "look" ? "" : "crosshair"
  overlay.style.touchAction = tool === "look" ? "" : "none"
  overlay.tabIndex = tool === "look" ? -1 : 0
  overlay.ariaHidden = String(tool === "look")
  root.tell = tell
  root.tool = tool
  if (overlay.onpointerdown) return
  const at = (event) => placeAt(root, event)
  const inside = ([x, y]) => Math.abs(x) <= 6 && Math.abs(y) <= 6
  let stroke = null
  const send = () => {
    if (!stroke?.waiting.length) return
    root.tell("stroke", { places: stroke.waiting, at: performance.now() })
    stroke.waiting = []
    stroke.told = performance.now()
  }
  const put = (place) => {
    if (!inside(place) || stroke.waiting.length >= 200) return
    stroke.waiting.push(place)
    stroke.last = place
    if (root.tool === "add") mark(root, place)
    if (performance.now() - stroke.told > TELL_EVERY_MS) send()
  }
  overlay.onpointerdown = (event) => {
    if (!root.plot._fullLayout) return
    event.preventDefault()
    overlay.setPointerCapture(event.pointerId)
    stroke = { waiting: [], told: 0, first: at(event) }
    if (root.tool !== "move") put(at(event))
  }
  overlay.onpointermove = (event) => {
    if (!stroke || root.tool === "move") return
    const place = at(event)
    if (Math.hypot(place[0] - stroke.last?.[0], place[1] - stroke.last?.[1]) >= APART) put(place)
  }
  overlay.onpointerup = (event) => {
    if (!stroke) return
    const place = at(event)
    if (root.tool === "move" && inside(place)) stroke.waiting = [stroke.first, place]
    send()
    stroke = null
  }
  overlay.onpointercancel = () => (stroke = null)
  byKeyboard(root)
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }

/** Arrow keys carry a cross over the plane, with Shift further; Enter does there what the pointer would do. */
function byKeyboard(root) {
  const { overlay } = root
  let at = [0, 0]
  let from = null
  const show = () => {
    const place = frameOf(root.plot)
    root.cross.style.left = `${place.x(at[0])}px`
    root.cross.style.top = `${place.y(at[1])}px`
    const where = `${at[0].toFixed(2)}, ${at[1].toFixed(2)}`.replaceAll("-", "−")
    const act = { add: "puts a point", erase: "erases", move: from ? "drops the point" : "picks a point up" }[root.tool]
    overlay.setAttribute("aria-label", `Place ${where}. Arrow keys move, Enter ${act}.`)
  }
  overlay.setAttribute("role", "application")
  overlay.onfocus = () => {
    from = null
    if (root.plot._fullLayout) show()
  }
  overlay.onkeydown = (event) => {
    const step = ARROWS[event.key]
    if (!root.plot._fullLayout || !(step || event.key === "Enter")) return
    event.preventDefault()
    event.stopPropagation()
    const stride = event.shiftKey ? 1 : 0.25
    if (step) at = at.map((value, i) => Math.max(-6, Math.min(6, value + stride * step[i])))
    else if (root.tool === "move" && !from) from = at
    else {
      root.tell("stroke", { places: from ? [from, at] : [at], at: performance.now() })
      from = null
    }
    show()
  }
}

/** Show at once where a point will be; the picture that has it replaces the mark. */
function mark(root, [x, y]) {
  const place = frameOf(root.plot)
  const context = root.overlay.getContext("2d")
  context.beginPath()
  context.arc(place.x(x), place.y(y), 3, 0, 2 * Math.PI)
  context.fillStyle = getComputedStyle(root).color
  context.fill()
}
