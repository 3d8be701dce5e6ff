/**
 * Carry a card to another place: the gap nearest to the pointer is marked, and taken when the pointer lets go.
 * @param {HTMLElement} root
 * @param {HTMLElement} handle
 * @param {any} card
 */
function draggable(root, handle, card) {
  handle.onpointerdown = (event) => {
    if (event.button !== 0 || root.facts.locked) return
    event.preventDefault()
    handle.setPointerCapture(event.pointerId)
    const element = handle.closest(".card")
    element.classList.add("dragged")
    root.dragging = { card, target: null }
    handle.onpointermove = (moved) => aim(root, element, moved.clientY)
    handle.onpointerup = () => drop(root, handle, element, true)
    handle.onpointercancel = () => drop(root, handle, element, false)
  }
}

/** Mark the gap nearest to a height on the screen, none of the card's own inside. */
function aim(root, element, y) {
  let [best, nearest] = [null, Infinity]
  for (const gap of root.querySelectorAll(".gap")) {
    gap.classList.remove("target")
    if (element.contains(gap)) continue
    const box = gap.getBoundingClientRect()
    const far = Math.abs((box.top + box.bottom) / 2 - y)
    if (far < nearest) [best, nearest] = [gap, far]
  }
  best?.classList.add("target")
  root.dragging.target = best?.place ?? null
}

function drop(root, handle, element, taken) {
  handle.onpointermove = handle.onpointerup = handle.onpointercancel = null
  element.classList.remove("dragged")
  root.querySelectorAll(".target").forEach((gap) => gap.classList.remove("target"))
  const { card, target } = root.dragging
  root.dragging = null
  if (taken && target && target.before !== card.number) root.say({ op: "move", card: card.number, into: target.into, before: target.before })
  render(root)
}
