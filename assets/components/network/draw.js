const HEAD = 104 // px above the neurons, for the controls of a layer
const FOOT = 112 // px below them while the next step is gone through, for what is said about it
const TOTAL = 18 // px below them otherwise, for what the network costs
const FOLD = 14 // px below them where a layer is folded, for how many more there are
const MAP = 24 // cells along a side of a neuron's map
const LABEL = 46 // px left of the inputs, for their names
const LEVELS = 10 // widths of an edge; edges of one width are drawn in one stroke

/** Three numbers 0–255 from "#rrggbb". */
const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))

/** 255 colours for −127…127, from negative through the ground to positive, as canvases keep them (A, B, G, R). */
function palette(theme) {
  const [negative, ground, positive] = [theme.negative, theme.ground, theme.positive].map(channels)
  return Uint32Array.from({ length: 255 }, (_, i) => {
    const share = Math.abs(i - 127) / 127
    const full = i < 127 ? negative : positive
    const [r, g, b] = ground.map((c, k) => Math.round(c + (full[k] - c) * share))
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0
  })
}

/** Where every neuron stands: columns of {x, size, ys}; all grows with the type. */
function arrange(facts, width, height, type) {
  const n = facts.columns.length
  const head = HEAD * type
  const left = LABEL * type + 20
  const right = width - 34 * type
  const folded = facts.columns.some((column) => column.units > column.drawn)
  const foot = ((facts.walk ? FOOT : TOTAL) + (folded ? FOLD : 0)) * type
  return facts.columns.map((column, c) => {
    const rows = column.rows
    const pitch = Math.min(46 * type, (height - head - foot - 4) / rows)
    const size = Math.max(8, Math.min(34 * type, pitch - 5))
    const x = n === 1 ? left : left + ((right - left) * c) / (n - 1)
    const top = head + (height - head - foot) / 2 - (pitch * rows) / 2 + pitch / 2
    return { x, size, ys: Array.from({ length: rows }, (_, i) => top + i * pitch) }
  })
}

/** Colour all maps, one below the other, in one go; the lowest row of a map is the lowest in the picture. */
function paintMaps(root) {
  const maps = root.arrays["neurons.maps"]
  if (!maps) return
  const [count] = maps.shape
  const sheet = root.sheet
  if (sheet.height !== count * MAP) {
    sheet.height = count * MAP
    root.image = sheet.getContext("2d").createImageData(MAP, count * MAP)
    root.pixels = new Uint32Array(root.image.data.buffer)
  }
  const { pixels, colours } = root
  for (let map = 0; map < count; map++) {
    for (let row = 0; row < MAP; row++) {
      const from = (map * MAP + MAP - 1 - row) * MAP
      const to = (map * MAP + row) * MAP
      for (let k = 0; k < MAP; k++) pixels[to + k] = colours[maps.values[from + k] + 127]
    }
  }
  sheet.getContext("2d").putImageData(root.image, 0, 0)
}

/** Draw one neuron's map into a box. */
function drawMap(root, context, map, x, y, size) {
  context.drawImage(root.sheet, 0, map * MAP, MAP, MAP, x - size / 2, y - size / 2, size, size)
}

/** Every drawn edge: where it runs, and where its numbers stand; made anew only when the network changes. */
function edges(facts, arrays, places) {
  const found = []
  for (const link of facts.links) {
    const weights = arrays[`weights.${link.layer}.weight`]
    if (!weights) continue
    const [units, inputs] = weights.shape
    const source = facts.columns[link.to - 1]
    const [a, b] = [places[link.to - 1], places[link.to]]
    for (let j = 0; j < units; j++) {
      for (let i = 0; i < inputs; i++) {
        const from = source.slots ? source.slots[i] : i
        found.push({
          x1: a.x + a.size / 2, y1: a.ys[from], x2: b.x - b.size / 2, y2: b.ys[j],
          to: link.to, layer: link.layer, unit: j, source: i, at: j * inputs + i,
        })
      }
    }
  }
  return found
}

/** The point of an edge a share of the way along: a cubic Bézier with level ends. */
const along = (edge, t) => [
  edge.x1 + (edge.x2 - edge.x1) * (1.5 * t * (1 - t) + t ** 3),
  edge.y1 + (edge.y2 - edge.y1) * (3 * t * t - 2 * t ** 3),
]

/**
 * Draw edges by the sign and size of a number; what is none, of a run that has broken down, is a faint line.
 * All of one width go into one stroke:
 * a browser without a graphics card spends as much on each stroke as on a hundred curves in it.
 */
function strokeEdges(context, theme, list, value, crowd) {
  const buckets = Array.from({ length: 2 * LEVELS + 1 }, () => [])
  const numbers = list.map(value).map((number) => (Number.isFinite(number) ? number : null))
  const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number ?? 0)), 1e-9)
  numbers.forEach((number, i) => {
    const level = Math.min(LEVELS - 1, Math.floor((Math.abs(number) / largest) * LEVELS))
    buckets[number === null ? 2 * LEVELS : number < 0 ? level : LEVELS + level].push(list[i])
  })
  buckets.forEach((bucket, i) => {
    if (!bucket.length) return
    const faint = i === 2 * LEVELS
    const size = ((i % LEVELS) + 0.5) / LEVELS
    context.beginPath()
    for (const { x1, y1, x2, y2 } of bucket) {
      const middle = (x1 + x2) / 2
      context.moveTo(x1, y1)
      context.bezierCurveTo(middle, y1, middle, y2, x2, y2)
    }
    context.strokeStyle = faint ? theme.line : i < LEVELS ? theme.negative : theme.positive
    context.globalAlpha = faint ? 0.6 : (0.2 + 0.75 * size) * crowd
    context.lineWidth = faint ? 0.6 : 0.5 + 3.5 * size
    // a negative number is dashed as well as orange
    context.setLineDash(i < LEVELS ? [5, 3] : [])
    context.stroke()
  })
  context.setLineDash([])
  context.globalAlpha = 1
}

/** Give the canvas the size of its box in the screen's own pixels, and empty it. */
function emptied(root) {
  const { canvas, width, height } = root
  const ratio = window.devicePixelRatio || 1
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
  }
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  return context
}

/** Paint the whole diagram once. */
function paint(root) {
  const { facts, arrays } = root
  const context = emptied(root)
  const stage = stageOf(root)
  if (stage) strokeEdges(context, facts.theme, root.edges, (edge) => edgeNumber(root, stage, edge), 1)
  else {
    const crowd = 0.4 + 0.6 * Math.min(1, 220 / (root.edges.length + 1))
    const weight = (edge) => arrays[`weights.${edge.layer}.weight`].values[edge.at]
    strokeEdges(context, facts.theme, root.edges, weight, crowd)
  }
  if (Object.keys(facts.held).length) {
    for (const edge of root.edges) {
      const held = facts.held[`${edge.layer}.${edge.unit}.${edge.source}`]
      if (held !== undefined) drawHeld(context, facts.theme, ...along(edge, 0.5), held)
    }
  }
  facts.columns.forEach((_, c) => drawColumn(root, context, c))
  if (stage) drawNumbers(root, context, stage)
}

function drawColumn(root, context, c) {
  const { facts, arrays } = root
  const column = facts.columns[c]
  const { x, size, ys } = root.places[c]
  const biases = column.layer === null ? null : arrays[`weights.${column.layer}.bias`]
  ys.forEach((y, row) => {
    const unit = column.slots ? column.slots.indexOf(row) : row
    if (unit >= 0 && arrays["neurons.maps"] && unit < column.drawn) {
      drawMap(root, context, column.first + unit, x, y, size)
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
      context.fillStyle = biases.values[unit] < 0 ? facts.theme.negative : facts.theme.positive
      context.fillRect(x - size / 2 - 3, y + size / 2 - 4, 6, 6)
      context.strokeStyle = facts.theme.ground
      context.strokeRect(x - size / 2 - 3, y + size / 2 - 4, 6, 6)
    }
  })
  if (column.units > column.drawn) {
    context.fillStyle = facts.theme.faint
    context.font = `${11 * root.type}px sans-serif`
    context.textAlign = "center"
    context.textBaseline = "alphabetic"
    context.fillText(`+ ${column.units - column.drawn}`, x, ys[ys.length - 1] + size / 2 + 12 * root.type)
  }
}
