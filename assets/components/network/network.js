/** Measure the box; asked for with every picture, it would have the browser lay the page out in between. */
function measure(root) {
  root.width = root.clientWidth
  root.height = root.clientHeight
  root.type = Number(getComputedStyle(root).getPropertyValue("--glassbox-type")) || 1
}

/** Draw everything; what a picture of the same network does not change is kept. */
function refresh(root) {
  const { facts, arrays, width, height } = root
  if (!width) return
  const shapes = facts.links.map(({ layer }) => arrays[`weights.${layer}.weight`]?.shape)
  const shape = JSON.stringify([facts.columns, facts.limits, facts.locked, !!facts.walk, shapes, width, height, root.type])
  if (root.shape !== shape) {
    root.shape = shape
    root.places = arrange(facts, width, height, root.type)
    root.edges = edges(facts, arrays, root.places)
    controls(root)
  }
  showWalk(root)
  paint(root)
}

/** Show a text beside a place of the diagram; none for "". */
function tell(root, text, x = 0, y = 0) {
  root.tip.style.display = text ? "block" : "none"
  root.tip.textContent = text
  root.tip.style.left = `${Math.max(4, Math.min(x + 14, root.clientWidth - root.tip.offsetWidth - 4))}px`
  root.tip.style.top = `${Math.min(y + 14, root.clientHeight - root.tip.offsetHeight - 4)}px`
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
    root.sheet = make("canvas", { width: MAP, height: 0 })
    root.totals = make("p", { className: "totals" })
    root.stage = 0
    root.append(root.canvas, root.totals, root.tip)
    parentElement.appendChild(root)
    root.onpointermove = (event) => {
      const box = root.getBoundingClientRect()
      const [x, y] = [event.clientX - box.left, event.clientY - box.top]
      const over = event.target.closest("select, .head, .panel, .walk")
      const target = over ? null : hit(root, x, y)
      tell(root, over ? (event.target.dataset.facts ?? "") : describe(root, target), x, y)
      enlarge(root, target)
    }
    // what a layer's head tells under the pointer, it tells under the keyboard, too
    root.addEventListener("focusin", ({ target }) => {
      if (!target.dataset.facts) return
      const [box, at] = [root.getBoundingClientRect(), target.getBoundingClientRect()]
      tell(root, target.dataset.facts, at.left - box.left, at.bottom - box.top)
    })
    root.addEventListener("focusout", () => tell(root, ""))
    root.canvas.tabIndex = 0
    root.canvas.onclick = (event) => {
      const box = root.getBoundingClientRect()
      tell(root, "")
      choose(root, hit(root, event.clientX - box.left, event.clientY - box.top))
    }
    root.canvas.onkeydown = (event) => moveCursor(root, event)
    root.canvas.onblur = () => {
      root.cursor = null
      enlarge(root, null)
      paint(root)
    }
    root.onpointerleave = () => {
      tell(root, "")
      enlarge(root, null)
    }
    root.watcher = new ResizeObserver(() => {
      measure(root)
      refresh(root)
      showPanel(root)
    })
    root.watcher.observe(root)
  }
  root.send = setTriggerValue
  root.facts = facts
  acknowledge(root, facts.taken)
  root.arrays = arrays
  if (root.theme !== facts.theme.name) root.colours = palette(facts.theme)
  root.theme = facts.theme.name
  paintMaps(root)
  if (root.style.height !== `${facts.height}px`) {
    root.style.height = `${facts.height}px`
    measure(root)
  }
  root.classList.toggle("greyed", facts.greyed)
  root.canvas.setAttribute("aria-label", facts.alt)
  root.totals.textContent = facts.walk ? "" : facts.totals
  refresh(root)
  showPanel(root)
  if (root.enlarged) showEnlarged(root)
  root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1)
  return whenGone(parentElement, () => {
    root.watcher.disconnect()
    enlarge(root, null)
    root.remove()
  })
}
