/** Draw all cards anew; focus, scroll and what is open stay. */
function render(root) {
  if (root.dragging) return
  const { facts } = root
  const focused = root.getRootNode().activeElement?.dataset?.control
  const top = facts.cards.filter((card) => !card.place.includes("."))
  const input = make("div", { className: "end" }, make("b", { textContent: facts.input.name }), make("span", { className: "shape", textContent: facts.input.shape }))
  const output = make("div", { className: "end" }, make("b", { textContent: facts.output.title }),
    make("span", { className: "small", textContent: [facts.output.brief, facts.output.cost].filter(Boolean).join(" · ") }))
  const box = make("div", {}, output)
  if (facts.output.problem) {
    box.className = "card wrong"
    box.append(mending(root, facts.output.problem))
  }
  root.replaceChildren(
    ...(facts.drafted ? [draft(root)] : []),
    input,
    make("div", { className: "tools" }, templates(root), choosing(root)),
    pile(root, top, "", facts.input.fits),
    box,
    make("p", { className: "totals", textContent: facts.totals }),
  )
  if (focused) focusOn(root, focused)
}

function focusOn(root, control) {
  const found = [...root.querySelectorAll("[data-control]")].find((each) => each.dataset.control === control)
  found?.focus({ preventScroll: control !== "search" })
}

/** Networks with a name, laid out for the data at hand: in the open where there is nothing else to begin with. */
function templates(root) {
  const { facts } = root
  const open = root.templating ?? facts.wanted
  const toggle = make("button", { type: "button", className: "toggle", textContent: `${open ? "▾" : "▸"} Templates for these data` })
  toggle.setAttribute("aria-expanded", String(open))
  toggle.dataset.control = "templates"
  toggle.onclick = () => {
    root.templating = !open
    render(root)
  }
  const box = make("div", { className: open ? "templates open" : "templates" }, toggle)
  if (!open) return box
  const cards = facts.templates.map(({ name, hint }) => {
    const made = make("button", { type: "button", disabled: facts.locked }, make("b", { textContent: name }), make("div", { className: "small", textContent: hint }))
    made.dataset.control = `template ${name}`
    made.onclick = () => {
      root.templating = null
      root.open = null
      root.say({ op: "template", name })
    }
    return made
  })
  box.append(make("div", { className: "choices" }, ...cards))
  return box
}

/** What is shown cannot be built yet: what runs meanwhile, and the way back to it. */
function draft(root) {
  const back = make("button", { type: "button", textContent: "Discard", title: "Back to the stack that runs; undo brings the draft again" })
  back.dataset.control = "discard"
  back.onclick = () => root.say({ op: "discard" })
  return make("div", { className: "draft" }, make("p", { textContent: "A draft: the run keeps the last stack that was whole until this one is." }), back)
}

/** The stack of layers as cards that are opened, moved, added and mended. */
export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".stack")
  if (!root) {
    root = make("div", { className: "stack" })
    root.setAttribute("role", "group")
    root.setAttribute("aria-label", "Layers")
    queueing(root)
    letGo(Object.assign(root, { chosen: new Set(), anchor: null }))
    root.onkeydown = (event) => {
      if (event.key !== "Escape" || !root.choosing) return
      letGo(root)
      render(root)
    }
    parentElement.appendChild(root)
  }
  root.send = setTriggerValue
  acknowledge(root, data.taken)
  const { taken, stale, ...facts } = data
  const written = JSON.stringify(facts)
  if (root.written !== written) {
    const before = new Set((root.facts?.cards ?? []).map((card) => card.number))
    root.written = written
    root.facts = facts
    const there = new Set(facts.cards.map((card) => card.number))
    root.chosen.forEach((number) => there.has(number) || root.chosen.delete(number))
    // a layer that was just added is open for its settings
    const added = root.opening && facts.cards.find((card) => !before.has(card.number))
    if (added) {
      root.open = added.number
      root.opening = false
    }
    render(root)
    if (added) focusOn(root, `card ${added.number}`)
    root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1)
  }
  // the numbers are there: now the rest of the page may follow
  if (stale) setTriggerValue("shown", performance.now())
  return whenGone(parentElement, () => root.remove())
}
