/**
 * Choose several cards of one stack, to put them together or take them away: by check marks, with Shift or
 * Control and the pointer, or with Shift and the arrow keys.
 * @param {HTMLElement} root
 */
function choosing(root) {
  const { facts } = root
  const n = root.chosen.size
  if (facts.cards.length < 2 && !root.choosing) return ""
  const toggle = make("button", { type: "button", className: root.choosing ? "" : "toggle", disabled: facts.locked, textContent: root.choosing ? "Done" : "Choose several", title: root.choosing ? "Let go of what is chosen (Escape)" : "Group layers, or take several away; Shift and click chooses, too" })
  toggle.setAttribute("aria-pressed", String(root.choosing))
  toggle.dataset.control = "choose"
  toggle.onclick = () => {
    root.choosing ? letGo(root) : (root.choosing = true)
    render(root)
  }
  if (!root.choosing) return make("div", { className: "choosing" }, toggle)
  const told = make("span", { className: "small", textContent: n ? `${n} layer${n > 1 ? "s" : ""} chosen` : "Mark the layers that belong together" })
  told.setAttribute("role", "status")
  const box = make("div", { className: "choosing acts" }, toggle, told)
  for (const [text, edit, most, why] of grouping(facts)) {
    const made = make("button", { type: "button", textContent: text, title: n > most ? `${most} at most` : why, disabled: !n || n > most || n < (edit.apart ? 2 : 1) || (facts.full && edit.op !== "remove") })
    made.dataset.control = `several ${text}`
    made.onclick = () => {
      root.say({ ...edit, cards: [...root.chosen] })
      letGo(root)
      render(root)
      focusOn(root, "choose")
    }
    box.append(made)
  }
  return box
}

/** What can be done with several cards: the words, the edit, how many it takes, and what it does. */
function grouping(facts) {
  const [[residual, skip], [parallel, paths]] = facts.wrappers
  const { inside, branches } = facts.most
  return [
    [`In ${skip}`, { op: "wrap", kind: residual }, inside, "Put them inside of one: what they make is added to their input"],
    [`One branch of ${paths}`, { op: "wrap", kind: parallel }, inside, "Put them one after another into a branch, with an empty branch beside it that passes the input on"],
    ["A branch each", { op: "wrap", kind: parallel, apart: true }, branches, "Put them side by side, each into a branch of its own"],
    ["Remove", { op: "remove" }, Infinity, "Take them away (undo brings them back)"],
  ]
}

function mark(root, card) {
  const made = make("input", { type: "checkbox", checked: root.chosen.has(card.number), disabled: root.facts.locked })
  made.setAttribute("aria-label", `Choose ${card.title} ${spoken(card)}`)
  made.dataset.control = `mark ${card.number}`
  made.onclick = (event) => choose(root, card, event.shiftKey)
  return made
}

/** The cards of the stack in which a card lies, in their order. */
function beside(root, card) {
  return root.facts.cards.filter((each) => parentOf(each) === parentOf(card))
}

/** Choose a card or let go of it; ``range`` takes all from the one before up to it. Only one stack at a time. */
function choose(root, card, range) {
  const stack = beside(root, card)
  const at = stack.indexOf(card)
  const from = stack.findIndex((each) => each.number === root.anchor)
  if (![...root.chosen].every((number) => stack.some((each) => each.number === number))) root.chosen.clear()
  root.choosing = true
  if (range && from >= 0) for (const each of stack.slice(Math.min(at, from), Math.max(at, from) + 1)) root.chosen.add(each.number)
  else if (!root.chosen.delete(card.number)) root.chosen.add(card.number)
  root.anchor = card.number
  render(root)
}

/** With Shift and an arrow key: choose this card and its neighbour, which gets the focus. */
function stretch(root, card, step) {
  const next = step && beside(root, card)[beside(root, card).indexOf(card) + step]
  if (!next) return false
  if (!root.chosen.has(card.number)) root.anchor = card.number
  choose(root, next, true)
  focusOn(root, `card ${next.number}`)
  return true
}

function letGo(root) {
  root.choosing = false
  root.chosen.clear()
}
