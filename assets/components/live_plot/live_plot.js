const CONFIG = { displayModeBar: false, scrollZoom: true, doubleClick: "reset", responsive: false }

/** Corners of the markers, in radii; a circle has none. */
const star = Array.from({ length: 10 }, (_, i) => {
  const r = i % 2 ? 0.5 : 1.25
  return [r * Math.sin((i * Math.PI) / 5), -r * Math.cos((i * Math.PI) / 5)]
})
const SHAPES = {
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  diamond: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
  "triangle-up": [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]],
  cross: [[-1.1, -0.4], [-0.4, -0.4], [-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4],
    [1.1, 0.4], [0.4, 0.4], [0.4, 1.1], [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4]],
  star,
}

function path(context, symbol, x, y, radius) {
  context.beginPath()
  if (symbol === "x-thin") {
    for (const way of [1, -1]) {
      context.moveTo(x - radius, y - way * radius)
      context.lineTo(x + radius, y + way * radius)
    }
    return
  }
  const corners = SHAPES[symbol]
  if (!corners) context.arc(x, y, radius, 0, 2 * Math.PI)
  else {
    corners.forEach(([a, b], i) => context[i ? "lineTo" : "moveTo"](x + a * radius, y + b * radius))
    context.closePath()
  }
}

/** Where a plot's axes lie, in px of the plot, and how to get there from data. */
function frameOf(plot) {
  const { xaxis, yaxis } = plot._fullLayout
  return {
    left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length,
    x: (value) => xaxis._offset + xaxis.d2p(value),
    y: (value) => yaxis._offset + yaxis.d2p(value),
    key: [xaxis.range, yaxis.range, xaxis._offset, yaxis._offset, xaxis._length, yaxis._length].join(),
  }
}

/** Draw marker traces. */
function drawMarkers(context, place, traces) {
  for (const { x, y, marker } of traces) {
    const open = marker.symbol.endsWith("-open")
    const symbol = marker.symbol.replace("-open", "")
    context.lineWidth = marker.line.width
    for (let i = 0; i < x.length; i++) {
      const colour = Array.isArray(marker.color) ? marker.color[i] : marker.color
      path(context, symbol, place.x(x[i]), place.y(y[i]), marker.size / 2)
      context.fillStyle = colour
      context.strokeStyle = open ? colour : marker.line.color
      if (!open) context.fill()
      context.stroke()
    }
  }
}

/** Draw the markers that stay still on a canvas above the plot; only when they, or the axes, have changed. */
function drawStill(root) {
  if (root.still === "[]" && !root.traces?.length) return
  const [plot, overlay] = [root.plot, root.overlay]
  const place = frameOf(plot)
  const key = `${place.key}|${root.width}x${root.height}|${root.still.length}`
  if (root.drawn === key && root.drawnStill === root.still) return
  root.drawn = key
  if (root.drawnStill !== root.still) root.traces = JSON.parse(root.still)
  root.drawnStill = root.still
  const ratio = window.devicePixelRatio || 1
  overlay.width = Math.round(root.width * ratio)
  overlay.height = Math.round(root.height * ratio)
  const context = overlay.getContext("2d")
  context.scale(ratio, ratio)
  context.beginPath()
  context.rect(place.left, place.top, place.width, place.height)
  context.clip()
  drawMarkers(context, place, root.traces)
}

/** Name the still marker under the pointer. */
function hover(root, event) {
  const box = root.getBoundingClientRect()
  const [px, py] = [event.clientX - box.left, event.clientY - box.top]
  let text = ""
  let nearest = 49
  const place = root.traces && root.plot._fullLayout ? frameOf(root.plot) : null
  for (const trace of place ? root.traces : []) {
    trace.x.forEach((x, i) => {
      const away = (place.x(x) - px) ** 2 + (place.y(trace.y[i]) - py) ** 2
      if (away < nearest) {
        nearest = away
        text = `${trace.name}${trace.text ? ` ${trace.text[i]}` : ""} at ${x.toFixed(2)}, ${trace.y[i].toFixed(2)}`
      }
    })
  }
  root.tip.textContent = text.replaceAll("-", "−")
  root.classList.toggle("named", text !== "")
  root.tip.style.display = text ? "block" : "none"
  root.tip.style.left = `${Math.min(px + 12, root.clientWidth - root.tip.offsetWidth)}px`
  root.tip.style.top = `${py < 40 ? py + 22 : py - 34}px`
}

/** Measure the box; asked for with every picture, it would have the browser lay the page out in between. */
function measure(root) {
  root.width = root.clientWidth
  root.height = root.clientHeight
}

function build(parentElement) {
  const root = document.createElement("div")
  root.className = "glassbox-plot"
  root.innerHTML = '<canvas class="map" aria-hidden="true"></canvas><div class="plot" role="img"></div>' +
    '<canvas class="still" aria-hidden="true"></canvas><div class="tip"></div><div class="cross"></div><p class="words"></p>' +
    '<div class="guest" aria-hidden="true"></div>'
  ;[root.map, root.plot, root.overlay, root.tip, root.cross, root.words, root.named] = root.children
  root.unhost = hosting(root)
  watchTurning(root)
  picking(root)
  parentElement.appendChild(root)
  root.drawing = Promise.resolve()
  root.watcher = new ResizeObserver(() => {
    measure(root)
    if (root.Plotly) inTurn(root, () => root.Plotly.Plots.resize(root.plot))
  })
  root.watcher.observe(root)
  root.onpointermove = (event) => hover(root, event)
  root.onpointerleave = () => (root.tip.style.display = "none")
  // Plotly names the values under the pointer, so it has to have them
  root.onpointerenter = () => mapOf(root.figure) && inTurn(root, () => react(root))
  return root
}

/** One thing at a time on a plot: a second one begun in between would find it half drawn. */
function inTurn(root, work) {
  root.drawing = root.drawing.then(async () => {
    if (root.isConnected) await work()
  })
}

async function react(root, Plotly = root.Plotly) {
  if (!Plotly) return
  keepCamera(root)
  await Plotly.react(root.plot, root.figure.data, { ...root.figure.layout, autosize: true }, CONFIG)
  if (root.Plotly) return
  root.Plotly = Plotly
  root.plot.on("plotly_click", ({ points: [point] }) => {
    if (root.points && Number.isInteger(point?.customdata)) root.tell("point", { point: point.customdata, at: performance.now() })
  })
  for (const name of ["plotly_relayouting", "plotly_relayout", "plotly_afterplot"]) {
    root.plot.on(name, () => {
      drawMap(root)
      drawStill(root)
    })
  }
}

/** Getting ready to draw in space takes a second, in which nothing else is drawn: the flat pictures come first. */
async function afterTheFlatOnes(root, figure) {
  if (!figure.layout.scene || root.Plotly) return
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100)))
}

/** Draw a figure when it is its turn; one whose picture may rest for a while waits until that is over. */
function draw(root, facts) {
  inTurn(root, async () => {
    const Plotly = await plotly(facts.plotly)
    // a figure that had to wait may have been overtaken by a newer one
    if (!root.isConnected || root.latest !== facts.figure) return
    if (root.drawnFigure !== facts.figure) {
      const left = (root.drawnAt ?? -Infinity) + facts.rest_ms - performance.now()
      clearTimeout(root.later)
      if (left > 0) {
        root.later = setTimeout(() => draw(root, facts), left)
        return
      }
      const figure = JSON.parse(facts.figure)
      await afterTheFlatOnes(root, figure)
      if (!root.isConnected || root.latest !== facts.figure || keptBack(root, figure)) return
      root.drawnAt = performance.now()
      root.drawnFigure = facts.figure
      root.figure = figure
      takeMarks(root)
      colourMap(root)
      if (!onlyMapChanged(root, root.figure)) await react(root, Plotly)
      drawMap(root)
    }
    drawStill(root)
    root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1)
  })
}

/** Draw each figure with Plotly.react on the same node: zoom, hover and hidden curves stay. */
export default function ({ data, parentElement, setTriggerValue }) {
  const { facts } = readRecord(data)
  const root = parentElement.querySelector(".glassbox-plot") ?? build(parentElement)
  root.classList.toggle("greyed", facts.greyed)
  if (root.asked !== facts.height) {
    root.asked = facts.height
    root.classList.toggle("square", facts.height === 0)
    if (facts.height) root.style.height = `${facts.height}px`
    measure(root)
  }
  root.plot.setAttribute("aria-label", facts.alt)
  root.strength = facts.strength
  root.latest = facts.figure
  root.still = facts.still
  painting(root, facts, setTriggerValue)
  root.picks = facts.picks
  root.points = facts.points
  root.classList.toggle("picks", (facts.picks || facts.points) && root.tool === "look")
  draw(root, facts)
  return whenGone(parentElement, () => {
    root.watcher.disconnect()
    clearTimeout(root.later)
    root.unhost()
    root.remove()
    root.drawing.then(() => root.Plotly?.purge(root.plot))
  })
}
