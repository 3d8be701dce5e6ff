const short = (value) => (Math.abs(value) >= 1e-3 || value === 0 ? value.toPrecision(3) : value.toExponential(1)).replace("-", "−")

function buildSheet(root, k) {
  const box = document.createElement("div")
  box.className = "sheet"
  box.innerHTML = '<p class="title"></p><canvas></canvas>'
  const sheet = { box, heading: box.children[0], canvas: box.children[1], width: 0 }
  root.insertBefore(box, root.tip)
  const at = (event) => {
    const frame = sheet.canvas.getBoundingClientRect()
    return sheet.place && tileAt(sheet.place, event.clientX - frame.left, event.clientY - frame.top)
  }
  sheet.canvas.onpointermove = (event) => hover(root, sheet, at(event), event)
  sheet.canvas.onpointerleave = () => (root.tip.hidden = true)
  sheet.canvas.onclick = (event) => {
    const tile = at(event)
    if (tile && sheet.picks) pick(root, sheet, k, tile.i, tile)
  }
  sheet.canvas.onkeydown = (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -sheet.place.across, ArrowDown: sheet.place.across,
      Home: -Infinity, End: Infinity }
    if (!(event.key in steps) || !sheet.picks) return
    event.preventDefault()
    event.stopPropagation()
    const next = Math.max(0, Math.min(sheet.place.n - 1, sheet.chosen + steps[event.key]))
    if (next !== sheet.chosen) pick(root, sheet, k, next)
  }
  return sheet
}

/** A tile is chosen: shown at once, and told. */
function pick(root, sheet, k, i, { row, column } = { row: 0, column: 0 }) {
  sheet.chosen = i
  sheet.told = performance.now()
  describe(sheet)
  paintSheet(sheet)
  root.tell("pick", { sheet: k, tile: i, row, column, at: sheet.told })
}

/** For those who cannot see it: a sheet one chooses from is a slider over its tiles, another a picture. */
function describe(sheet) {
  const { canvas } = sheet
  const facts = sheet.picks
    ? { role: "slider", "aria-label": sheet.alt, "aria-valuemin": 0, "aria-valuemax": sheet.maps.shape[0] - 1,
      "aria-valuenow": sheet.chosen, "aria-valuetext": sheet.names[sheet.chosen] || String(sheet.chosen) }
    : { role: "img", "aria-label": sheet.alt }
  for (const name of ["aria-valuemin", "aria-valuemax", "aria-valuenow", "aria-valuetext"]) {
    if (!(name in facts)) canvas.removeAttribute(name)
  }
  for (const [name, value] of Object.entries(facts)) {
    if (canvas.getAttribute(name) !== String(value)) canvas.setAttribute(name, value)
  }
  canvas.tabIndex = sheet.picks ? 0 : -1
  canvas.classList.toggle("picks", sheet.picks)
}

/** Whether two arrays, or their absence, are the same numbers. */
const same = (a, b) => a === b || (a && b && a.values.length === b.values.length && `${a.shape}` === `${b.shape}` &&
  a.values.every((value, i) => value === b.values[i]))

/** Take over what a sheet is to show; whether any of it is another. */
function takeOver(sheet, declared, maps, scale, kernels, theme) {
  // what was chosen a moment ago is not taken back by a picture that was on its way
  const chosen = performance.now() - (sheet.told ?? -Infinity) < 800 ? sheet.chosen : declared.chosen
  const told = JSON.stringify([declared, theme.name, chosen, sheet.width])
  const still = told === sheet.said && same(sheet.maps, maps) && same(sheet.scale, scale) && same(sheet.kernels, kernels)
  if (sheet.signsOf !== theme.name) sheet.signs = palette("sign", theme)
  Object.assign(sheet, declared, { theme, chosen, maps, scale, kernels, said: told, signsOf: theme.name })
  return !still
}

/** Every sheet gets its room: a width of its own, or what those beside it leave of the line. */
function layOut(root, sheets) {
  const rooms = sheets.map(({ room, beside }) => [room, beside]).join()
  if (root.rooms !== rooms) {
    root.sheets.forEach(({ box }, k) => {
      const { room, beside } = sheets[k]
      box.style.flex = room ? `0 1 ${room}px` : `1 1 ${beside < 0 ? "340px" : `max(240px, 100% - ${beside}px)`}`
    })
    measure(root)
  }
  root.rooms = rooms
}

function measure(root) {
  for (const sheet of root.sheets) sheet.width = sheet.canvas.clientWidth
}

/** Name the number under the pointer. */
function hover(root, sheet, tile, event) {
  const said = tile && tellTile(sheet, tile)
  root.tip.hidden = !said
  if (!said) return
  root.tip.textContent = said
  const frame = root.getBoundingClientRect()
  const [px, py] = [event.clientX - frame.left, event.clientY - frame.top]
  root.tip.style.left = `${Math.max(0, Math.min(px + 12, root.clientWidth - root.tip.offsetWidth))}px`
  root.tip.style.top = `${py + 18}px`
}

function tellTile(sheet, { i, row, column }) {
  const name = sheet.hints[i] ?? sheet.names[i] ?? ""
  const [, rows, columns] = sheet.maps.shape
  if (sheet.palette === "colour" || row >= rows || column >= columns) return name
  const value = sheet.maps.values[(i * rows + row) * columns + column]
  if (value === -128) return name
  const where = sheet.rows.length || sheet.columns.length
    ? [sheet.rows[row] ?? `row ${row}`, sheet.columns[column] ?? `column ${column}`].join(sheet.joined)
    : rows === 1 ? `${column}` : `row ${row}, column ${column}`
  return `${name ? `${name} · ` : ""}${where}: ${short((value * sheet.scale.values[i]) / 127)}`
}

/** Pictures side by side on sheets, each sheet one canvas that stays; one tile of a sheet may be chosen. */
export default function ({ data, parentElement, setTriggerValue }) {
  const { facts, arrays } = readRecord(data)
  let root = parentElement.querySelector(".glassbox-tiles")
  if (!root) {
    root = document.createElement("div")
    root.className = "glassbox-tiles"
    root.innerHTML = '<div class="tip" hidden></div>'
    root.tip = root.firstChild
    root.sheets = []
    parentElement.appendChild(root)
    root.watcher = new ResizeObserver(() => {
      if (root.width === root.clientWidth) return
      root.width = root.clientWidth
      measure(root)
      for (const sheet of root.sheets) paintSheet(sheet)
    })
    root.watcher.observe(root)
  }
  root.tell = setTriggerValue
  root.classList.toggle("greyed", facts.greyed)
  while (root.sheets.length > facts.sheets.length) root.sheets.pop().box.remove()
  facts.sheets.forEach((_, k) => (root.sheets[k] ??= buildSheet(root, k)))
  facts.sheets.forEach(({ title }, k) => {
    const { heading } = root.sheets[k]
    if (heading.textContent !== title) heading.textContent = title
    heading.hidden = !title
  })
  layOut(root, facts.sheets)
  facts.sheets.forEach((declared, k) => {
    const sheet = root.sheets[k]
    if (!takeOver(sheet, declared, arrays[`${k}.maps`], arrays[`${k}.scale`], arrays[`${k}.kernels`], facts.theme)) return
    describe(sheet)
    colourSheet(sheet)
    paintSheet(sheet)
  })
  root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1)
  return whenGone(parentElement, () => {
    root.watcher.disconnect()
    root.remove()
  })
}
