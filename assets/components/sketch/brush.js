/** What a brush does to a grid of numbers: soft at its rim, never darker where it passes twice. */

/** Begin a stroke: what was there before, and how much of each place the brush has covered. */
function beginStroke(ink, colour) {
  const [rows, columns] = ink.shape
  return { before: ink.values.slice(), cover: new Float32Array(rows * columns), colour }
}

/** Lay the brush along a line, from one place to another, both in cells of the grid. */
function strokeTo(ink, stroke, [fromX, fromY], [toX, toY], radius) {
  const [rows, columns, channels] = ink.shape
  const length = Math.hypot(toX - fromX, toY - fromY)
  const steps = Math.max(1, Math.ceil(length / Math.max(0.5, radius / 4)))
  for (let i = 0; i <= steps; i++) {
    const [x, y] = [fromX + ((toX - fromX) * i) / steps, fromY + ((toY - fromY) * i) / steps]
    for (let r = Math.max(0, Math.floor(y - radius - 1)); r < Math.min(rows, y + radius + 1); r++) {
      for (let c = Math.max(0, Math.floor(x - radius - 1)); c < Math.min(columns, x + radius + 1); c++) {
        const covered = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(c + 0.5 - x, r + 0.5 - y)))
        const at = r * columns + c
        if (covered <= stroke.cover[at]) continue
        stroke.cover[at] = covered
        for (let k = 0; k < channels; k++) {
          const was = stroke.before[at * channels + k]
          ink.values[at * channels + k] = Math.round(was + covered * (stroke.colour[k] - was))
        }
      }
    }
  }
}
