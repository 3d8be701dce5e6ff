const LEAST_NUMBERED = 23 // px: in a smaller cell a number could not be read

/** Where the cells of a canvas lie, for a grid of so many rows and columns. */
function gridOf(canvas, rows, columns) {
  const size = canvas.clientWidth
  const cell = size / Math.max(rows, columns)
  return { rows, columns, cell, left: (size - columns * cell) / 2, top: (size - rows * cell) / 2, size }
}

/** Which cell lies under the pointer, as fractions of rows and columns. */
function cellAt(canvas, grid, event) {
  const box = canvas.getBoundingClientRect()
  return [(event.clientY - box.top - grid.top) / grid.cell, (event.clientX - box.left - grid.left) / grid.cell]
}

function fresh(canvas) {
  const ratio = window.devicePixelRatio || 1
  const side = Math.round(canvas.clientWidth * ratio)
  if (canvas.width !== side || canvas.height !== side) Object.assign(canvas, { width: side, height: side })
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, canvas.clientWidth, canvas.clientWidth)
  return context
}

/**
 * Paint a grid of numbers.
 * @param {(row: number, column: number) => number|null} valueAt null for a place that has no number yet
 * @param {(value: number) => number[]} colour
 * @param {(row: number, column: number) => boolean} isRim whether a place is padding
 */
function paintGrid(context, grid, valueAt, colour, theme, isRim = () => false) {
  const { rows, columns, cell, left, top } = grid
  const numbered = cell >= LEAST_NUMBERED
  context.font = `${Math.min(14, cell * 0.36)}px sans-serif`
  context.textAlign = "center"
  context.textBaseline = "middle"
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const [x, y] = [left + c * cell, top + r * cell]
      const value = valueAt(r, c)
      const rim = isRim(r, c)
      const rgb = value === null || rim ? tone(theme.panel) : colour(value)
      context.fillStyle = css(rgb)
      context.fillRect(x, y, cell + 0.5, cell + 0.5)
      if (rim) paintRim(context, x, y, cell, theme)
      if (value === null || !numbered) continue
      context.fillStyle = rim ? theme.text : readable(rgb)
      context.fillText(rim ? figures(value, 0) : figures(value, cell < 34 ? 1 : 2), x + cell / 2, y + cell / 2)
    }
  }
  if (cell >= 6) paintLines(context, grid, theme)
  context.lineWidth = 1
  context.strokeStyle = theme.faint
  context.strokeRect(left + 0.5, top + 0.5, columns * cell - 1, rows * cell - 1)
}

/** A place of padding: a thin diagonal, so that it is not taken for a dark pixel. */
function paintRim(context, x, y, cell, theme) {
  context.strokeStyle = theme.line
  context.lineWidth = 1
  context.beginPath()
  context.moveTo(x, y + cell)
  context.lineTo(x + cell, y)
  context.stroke()
}

function paintLines(context, { rows, columns, cell, left, top }, theme) {
  context.strokeStyle = theme.line
  context.lineWidth = 0.5
  context.beginPath()
  for (let r = 0; r <= rows; r++) context.moveTo(left, top + r * cell), context.lineTo(left + columns * cell, top + r * cell)
  for (let c = 0; c <= columns; c++) context.moveTo(left + c * cell, top), context.lineTo(left + c * cell, top + rows * cell)
  context.stroke()
}

/** Frame the places under the window: each by itself where dilation leaves gaps between them. */
function paintWindow(context, { cell, left, top }, [row, column], { size, dilation }, theme) {
  const frame = (r, c, n) => {
    for (const [width, colour] of [[5, theme.ground], [2.5, theme.accent]]) {
      context.lineWidth = width
      context.strokeStyle = colour
      context.strokeRect(left + c * cell, top + r * cell, n * cell, n * cell)
    }
  }
  if (dilation === 1) return frame(row, column, size)
  for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) frame(row + r * dilation, column + c * dilation, 1)
}
