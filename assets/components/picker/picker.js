/** Draw points of the plane, coloured by class or value, into a small square. */
function thumbnail(canvas, option) {
  const ratio = window.devicePixelRatio || 1
  const side = 44
  canvas.width = canvas.height = side * ratio
  const context = canvas.getContext("2d")
  context.scale(ratio, ratio)
  option.x1.forEach((x1, i) => {
    context.fillStyle = option.colours[i]
    context.fillRect(((x1 + 6) / 12) * side - 0.9, ((6 - option.x2[i]) / 12) * side - 0.9, 1.8, 1.8)
  })
}

/** Choose one of several things by its picture: a radio group. */
export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".picker")
  if (!root) {
    root = document.createElement("div")
    root.className = "picker"
    root.setAttribute("role", "radiogroup")
    parentElement.appendChild(root)
  }
  root.setAttribute("aria-label", data.label)
  const drawn = JSON.stringify(data.options)
  if (root.drawn !== drawn) {
    root.drawn = drawn
    root.replaceChildren(
      ...data.options.map((option) => {
        const button = document.createElement("button")
        button.type = "button"
        button.title = option.hint
        button.dataset.kind = option.kind
        button.setAttribute("role", "radio")
        const canvas = document.createElement("canvas")
        canvas.setAttribute("aria-hidden", "true")
        const name = document.createElement("span")
        name.textContent = option.name
        button.append(canvas, name)
        thumbnail(canvas, option)
        return button
      }),
    )
  }
  const buttons = [...root.children]
  buttons.forEach((button, i) => {
    const chosen = button.dataset.kind === data.chosen
    button.setAttribute("aria-checked", String(chosen))
    button.disabled = Boolean(data.locked) && !chosen
    button.tabIndex = chosen ? 0 : -1
    button.onclick = () => setTriggerValue("chosen", button.dataset.kind)
    button.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
      if (!step) return
      event.preventDefault()
      event.stopPropagation()
      const next = buttons[(i + step + buttons.length) % buttons.length]
      next.focus()
      next.click()
    }
  })
  return () => root.remove()
}
