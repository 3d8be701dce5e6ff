const SHADES = 1024 // colours of a scale; enough that the steps between classes stay sharp
const NUMBERS = { f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array, i4: Int32Array, i2: Int16Array }

/** The heatmap over the plane of a figure, where it has one: Plotly hides it, and it is drawn here. */
const mapOf = (figure) => figure?.data.find((trace) => trace.type === "heatmap" && trace.dx !== undefined)

/** Read the array that Plotly's JSON writes as base64. */
function numbers({ bdata, dtype }) {
  const text = atob(bdata)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return new NUMBERS[dtype](bytes.buffer)
}

/** A colour scale as a row of colours, the way canvases keep them (A, B, G, R). */
function shades(scale) {
  const stops = scale.map(([at, colour]) => [at, [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16))])
  let k = 0
  return Uint32Array.from({ length: SHADES }, (_, i) => {
    const at = i / (SHADES - 1)
    while (k < stops.length - 2 && at >= stops[k + 1][0]) k++
    const [[low, from], [high, to]] = [stops[k], stops[k + 1]]
    const share = high > low ? (at - low) / (high - low) : 1
    const [r, g, b] = from.map((c, j) => Math.round(c + (to[j] - c) * share))
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0
  })
}

/** Colour the cells of a figure's map, row 0 lowest. */
function colourMap(root) {
  const trace = mapOf(root.figure)
  if (!trace) return
  const [rows, columns] = trace.z.shape.split(",").map(Number)
  const scale = JSON.stringify(trace.colorscale)
  if (root.scale !== scale) root.shades = shades(trace.colorscale)
  root.scale = scale
  root.cells ??= document.createElement("canvas")
  if (root.cells.width !== columns || root.cells.height !== rows) {
    Object.assign(root.cells, { width: columns, height: rows })
    root.image = root.cells.getContext("2d").createImageData(columns, rows)
  }
  const pixels = new Uint32Array(root.image.data.buffer)
  const z = numbers(trace.z)
  const step = (SHADES - 1) / (trace.zmax - trace.zmin)
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * columns, (rows - 1 - row) * columns]
    for (let k = 0; k < columns; k++) {
      const shade = Math.round((z[from + k] - trace.zmin) * step)
      pixels[to + k] = root.shades[shade > 0 ? Math.min(shade, SHADES - 1) : 0]
    }
  }
  root.cells.getContext("2d").putImageData(root.image, 0, 0)
}

/**
 * Draw the map under the axes.  Plotly would make a PNG of it, and all its axes anew, for every picture: ten
 * times the work.
 */
function drawMap(root) {
  const trace = mapOf(root.figure)
  root.classList.toggle("mapped", !!trace)
  const [width, height] = trace ? [root.width, root.height] : [0, 0]
  const ratio = window.devicePixelRatio || 1
  if (root.map.width !== Math.round(width * ratio)) root.map.width = Math.round(width * ratio)
  if (root.map.height !== Math.round(height * ratio)) root.map.height = Math.round(height * ratio)
  if (!trace || !root.plot._fullLayout) return
  const place = frameOf(root.plot)
  const context = root.map.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  context.save()
  context.beginPath()
  context.rect(place.left, place.top, place.width, place.height)
  context.clip()
  context.imageSmoothingEnabled = trace.zsmooth !== false
  const [x0, y0] = [trace.x0 - trace.dx / 2, trace.y0 - trace.dy / 2]
  const [left, right] = [place.x(x0), place.x(x0 + trace.dx * root.cells.width)]
  const [bottom, top] = [place.y(y0), place.y(y0 + trace.dy * root.cells.height)]
  if (root.guest) drawGuest(context, root.guest, root.strength, left, top, right - left, bottom - top)
  else context.drawImage(root.cells, left, top, right - left, bottom - top)
  drawLines(context, place, root.marks.filter(({ marker }) => !marker))
  drawMarkers(context, place, root.marks.filter(({ marker }) => marker))
  context.restore()
}

/** Draw line traces; a number that is none lifts the pen. */
function drawLines(context, place, traces) {
  for (const { x, y, line } of traces) {
    context.strokeStyle = line.color
    context.lineWidth = line.width
    context.beginPath()
    let down = false
    for (let i = 0; i < x.length; i++) {
      const gap = Number.isNaN(x[i])
      if (!gap) context[down ? "lineTo" : "moveTo"](place.x(x[i]), place.y(y[i]))
      down = !gap
    }
    context.stroke()
  }
}

/**
 * Over a map also markers and lines that differ from picture to picture are drawn here, those of traces that call
 * themselves marks.  Plotly has them unseen, to name them under the pointer.
 */
function takeMarks(root) {
  const marks = mapOf(root.figure) ? root.figure.data.filter((trace) => trace.meta === "marks") : []
  root.marks = marks.map((trace) => ({
    ...trace, x: trace.x.bdata ? numbers(trace.x) : trace.x, y: trace.y.bdata ? numbers(trace.y) : trace.y,
  }))
  for (const trace of marks) {
    if (trace.marker) trace.marker = { ...trace.marker, opacity: 0 }
    else trace.opacity = 0
  }
}

/** Whether a figure differs from the drawn one in its map and marks alone, and nobody asks Plotly for them. */
function onlyMapChanged(root, figure) {
  const trace = mapOf(figure)
  const still = trace && JSON.stringify([figure.layout, figure.data.map((each) =>
    each === trace ? { ...each, z: null, customdata: null }
      : each.meta === "marks" ? { ...each, x: null, y: null, customdata: null } : each)])
  const same = root.Plotly && still && still === root.drawnBut
  root.drawnBut = still
  return same && (root.tool !== "look" || !root.matches(":hover"))
}
