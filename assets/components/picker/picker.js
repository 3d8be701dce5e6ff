/** Draw points of the plane, coloured by class or value, into a small square; a map lies under them. */
function thumbnail(canvas, option, side) {
  const ratio = window.devicePixelRatio || 1
  canvas.style.background = option.map ? `url("${option.map}") 0 0 / 100% 100%` : ""
  canvas.width = canvas.height = side * ratio
  const context = canvas.getContext("2d")
  context.scale(ratio, ratio)
  option.x1.forEach((x1, i) => {
    context.fillStyle = option.colours[i]
    context.fillRect(((x1 + 6) / 12) * side - 0.9, ((6 - option.x2[i]) / 12) * side - 0.9, 1.8, 1.8)
  })
}

/** Choose one of several things by its picture: a radio group, or cards that each say what they ask. */
export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".picker")
  if (!root) {
    root = document.createElement("div")
    root.className = "picker"
    parentElement.appendChild(root)
  }
  const cards = Boolean(data.cards)
  const side = cards ? 112 : 44
  root.classList.toggle("cards", cards)
  root.setAttribute("role", cards ? "group" : "radiogroup")
  root.setAttribute("aria-label", data.label)
  const kinds = JSON.stringify(data.options.map((option) => option.kind))
  if (root.kinds !== kinds) {
    root.kinds = kinds
    root.replaceChildren(
      ...data.options.map((option) => {
        const button = document.createElement("button")
        button.type = "button"
        button.title = option.hint
        button.dataset.kind = option.kind
        if (!cards) button.setAttribute("role", "radio")
        const canvas = document.createElement("canvas")
        canvas.setAttribute("aria-hidden", "true")
        const name = document.createElement("span")
        name.textContent = option.name
        button.append(canvas, name)
        if (cards) {
          const question = document.createElement("small")
          question.textContent = option.hint
          button.append(question)
        }
        return button
      }),
    )
  }
  const buttons = [...root.children]
  buttons.forEach((button, i) => {
    const drawn = JSON.stringify(data.options[i])
    if (button.drawn !== drawn) {
      button.drawn = drawn
      thumbnail(button.querySelector("canvas"), data.options[i], side)
    }
    button.onclick = () => setTriggerValue("chosen", button.dataset.kind)
    if (cards) return
    const chosen = button.dataset.kind === data.chosen
    button.setAttribute("aria-checked", String(chosen))
    button.disabled = Boolean(data.locked) && !chosen
    button.tabIndex = chosen ? 0 : -1
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
  return whenGone(parentElement, () => root.remove())
}
