const GAP = 6 // px between tiles
const NAME = 15 // px under a tile, for its name
const KERNEL = 26 // px of a window of weights beside its map

/** Colour all maps of a sheet, one below the other, in one go. */
function colourSheet(sheet) {
  const { maps, scale, theme } = sheet
  const [n, rows, columns] = maps.shape
  sheet.cells ??= document.createElement("canvas")
  if (sheet.cells.width !== columns || sheet.cells.height !== n * rows) {
    Object.assign(sheet.cells, { width: columns, height: n * rows })
    sheet.image = sheet.cells.getContext("2d").createImageData(columns, n * rows)
  }
  const pixels = new Uint32Array(sheet.image.data.buffer)
  const values = maps.values
  if (sheet.palette === "colour") {
    for (let i = 0; i < pixels.length; i++) {
      pixels[i] = ((255 << 24) | (values[3 * i + 2] << 16) | (values[3 * i + 1] << 8) | values[3 * i]) >>> 0
    }
  } else {
    const key = `${theme.name} ${sheet.palette}`
    if (sheet.paletteKey !== key) sheet.colours = palette(sheet.palette, theme)
    sheet.paletteKey = key
    const most = sheet.common ? scale.values.reduce((a, b) => Math.max(a, b), 0) : 0
    for (let map = 0; map < n; map++) {
      const factor = most ? scale.values[map] / most : 1
      for (let i = map * rows * columns; i < (map + 1) * rows * columns; i++) {
        const value = values[i]
        pixels[i] = sheet.colours[(value === -128 ? value : Math.round(value * factor)) + 128]
      }
    }
  }
  sheet.cells.getContext("2d").putImageData(sheet.image, 0, 0)
}

/** Where every tile of a sheet lies: its columns, and the size of one tile. */
function arrange(sheet, width) {
  const [n, rows, columns] = sheet.maps.shape
  const side = sheet.kernels ? KERNEL + 3 : 0
  let cell = sheet.size / Math.max(rows * sheet.tall, columns)
  if (columns * cell > width - side) cell = (width - side) / columns
  const [tileWidth, tileHeight] = [columns * cell, rows * cell * sheet.tall]
  // a name takes room of its own, even over a narrow tile
  const names = sheet.names.length ? NAME : 0
  const step = Math.max(tileWidth + side, sheet.wide) + GAP
  const across = Math.max(1, Math.min(n, Math.floor((width + GAP) / step)))
  const down = Math.ceil(n / across)
  const high = Math.max(tileHeight, sheet.kernels ? Math.min(sheet.kernels.shape[1], Math.floor(tileHeight / (KERNEL + 2)) || 1) * (KERNEL + 2) - 2 : 0)
  return { n, rows, columns, cell, tileWidth, tileHeight, across, step, side, stepDown: high + names + GAP, height: down * (high + names + GAP) }
}

/** The left upper corner of a tile. */
const corner = ({ across, step, stepDown }, i) => [(i % across) * step + 2, Math.floor(i / across) * stepDown + 2]

/** Which tile lies under a place, and which of its cells; null beside all of them. */
function tileAt(place, px, py) {
  for (let i = 0; i < place.n; i++) {
    const [x, y] = corner(place, i)
    if (px < x || py < y || px >= x + place.tileWidth + place.side || py >= y + place.tileHeight) continue
    return { i, row: Math.floor(((py - y) / place.tileHeight) * place.rows), column: Math.floor((px - x) / place.cell) }
  }
  return null
}

function paintKernels(context, sheet, i, x, y, room) {
  const [, count, rows, columns] = sheet.kernels.shape
  const step = KERNEL + 2
  const shown = Math.min(count, Math.max(1, Math.floor((room + 2) / step)))
  const size = KERNEL / Math.max(rows, columns)
  for (let k = 0; k < shown; k++) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const value = sheet.kernels.values[((i * count + k) * rows + r) * columns + c]
        const colour = sheet.signs[value + 128]
        context.fillStyle = `rgb(${colour & 255}, ${(colour >> 8) & 255}, ${(colour >> 16) & 255})`
        context.fillRect(x + c * size, y + k * step + r * size, size + 0.5, size + 0.5)
      }
    }
    context.strokeStyle = sheet.theme.line
    context.strokeRect(x + 0.5, y + k * step + 0.5, columns * size - 1, rows * size - 1)
  }
}

/** Paint one sheet of tiles. */
function paintSheet(sheet) {
  const { canvas, theme } = sheet
  const width = sheet.width
  if (!width) return
  const place = (sheet.place = arrange(sheet, width))
  const ratio = window.devicePixelRatio || 1
  const [w, h] = [Math.round(width * ratio), Math.round((place.height + 4) * ratio)]
  if (canvas.width !== w || canvas.height !== h) {
    Object.assign(canvas, { width: w, height: h })
    canvas.style.height = `${place.height + 4}px`
  }
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, place.height + 4)
  context.imageSmoothingEnabled = false
  context.font = "11px sans-serif"
  context.textBaseline = "top"
  for (let i = 0; i < place.n; i++) {
    const [x, y] = corner(place, i)
    context.drawImage(sheet.cells, 0, i * place.rows, place.columns, place.rows, x, y, place.tileWidth, place.tileHeight)
    context.lineWidth = 1
    context.strokeStyle = theme.line
    context.strokeRect(x - 0.5, y - 0.5, place.tileWidth + 1, place.tileHeight + 1)
    if (sheet.kernels) paintKernels(context, sheet, i, x + place.tileWidth + 3, y, place.tileHeight)
    const mark = sheet.marks[i]
    if (mark) paintMark(context, theme, x, y, place, mark)
    if (i === sheet.chosen && sheet.picks) {
      context.lineWidth = 2
      context.strokeStyle = theme.accent
      context.strokeRect(x - 1, y - 1, place.tileWidth + 2, place.tileHeight + 2)
    }
    if (sheet.names.length) {
      context.fillStyle = sheet.wrong[i] || (i === sheet.chosen && sheet.picks) ? theme.text : theme.faint
      context.fillText(sheet.names[i] ?? "", x, y + place.stepDown - NAME - GAP + 3, place.step - GAP)
    }
  }
}

/** Frame a part of a tile: [top, left, bottom, right] as shares of its sides. */
function paintMark(context, theme, x, y, place, [top, left, bottom, right]) {
  context.lineWidth = 1.5
  context.strokeStyle = theme.accent
  context.strokeRect(x + left * place.tileWidth, y + top * place.tileHeight, (right - left) * place.tileWidth, (bottom - top) * place.tileHeight)
}
