/** The layers of one stack with the gaps between them; ``into`` names the stack, "" is the whole. */
function pile(root, cards, into, fits) {
  const list = make("ol", {})
  for (const card of cards) {
    list.append(gap(root, { into, before: card.number, fits: card.before }, `before ${card.title} ${spoken(card)}`))
    list.append(drawn(root, card))
  }
  const last = cards.at(-1)
  list.append(gap(root, { into, before: null, fits: last ? last.after : fits }, into ? `at the end of ${into}` : "at the end", true))
  return list
}

/** A card's place as people count: 3.inside.0 is 4.1. */
function spoken(card) {
  return card.place.split(".").filter((step) => /^\d+$/.test(step)).map((step) => Number(step) + 1).join(".")
}

function gap(root, place, where, last = false) {
  const item = make("li", { className: last ? "gap last" : "gap" })
  item.place = place
  const adding = root.adding && root.adding.into === place.into && root.adding.before === place.before
  const add = make("button", { type: "button", textContent: last ? "+ Add a layer" : "+", disabled: root.facts.locked || root.facts.full })
  add.setAttribute("aria-label", `Add a layer ${where}`)
  add.setAttribute("aria-expanded", String(Boolean(adding)))
  add.dataset.control = `gap ${place.into} ${place.before}`
  add.onclick = () => {
    root.adding = adding ? null : place
    root.searched = ""
    render(root)
    if (root.adding) focusOn(root, "search")
  }
  item.append(add)
  if (!adding) return item
  item.append(palette(root, place))
  item.style.height = "auto"
  return item
}

function drawn(root, card) {
  const { facts } = root
  const open = root.open === card.number
  const item = make("li", { className: "card" })
  item.dataset.card = card.number
  item.classList.toggle("open", open)
  item.classList.toggle("off", card.off)
  item.classList.toggle("wrong", Boolean(card.problem))
  item.classList.toggle("chosen", root.chosen.has(card.number))
  const handle = make("span", { className: "handle", textContent: "⋮⋮", title: "Drag to another place" })
  handle.setAttribute("aria-hidden", "true")
  draggable(root, handle, card)
  const name = make("button", { type: "button", className: "name", title: card.exact },
    make("span", {}, make("b", { textContent: card.title })),
    make("span", { className: "shape", textContent: card.off ? "off" : card.shape || "?" }),
    make("span", { className: "small", textContent: card.brief }),
    make("span", { className: "small right", textContent: card.off ? "" : card.cost }))
  name.setAttribute("aria-expanded", String(open))
  name.dataset.control = `card ${card.number}`
  name.onclick = (event) => {
    if (!facts.locked && (event.shiftKey || event.ctrlKey || event.metaKey)) return choose(root, card, event.shiftKey)
    root.anchor = card.number
    root.open = open ? null : card.number
    render(root)
  }
  name.onkeydown = (event) => {
    if (event.shiftKey && !facts.locked && stretch(root, card, { ArrowUp: -1, ArrowDown: 1 }[event.key])) return event.preventDefault()
    const op = event.altKey && { ArrowUp: "up", ArrowDown: "down" }[event.key]
    if (!op && event.key !== "Delete") return
    event.preventDefault()
    event.stopPropagation()
    if (!facts.locked) root.say({ op: op || "remove", card: card.number })
  }
  item.append(make("div", { className: "head" }, handle, ...(root.choosing ? [mark(root, card)] : []), name))
  if (card.problem) item.append(mending(root, card.problem))
  if (open) item.append(make("div", { className: "body" }, fields(root, card), acts(root, card)))
  card.slots.forEach((slot, i) => {
    const into = `${card.number}.${slot}`
    const inner = facts.cards.filter((each) => parentOf(each) === `${card.place}.${slot}`)
    const what = card.slots.length > 1 ? `branch ${i + 1}` : "inside"
    const box = make("div", { className: "slot" }, make("div", { className: "what", textContent: what }), pile(root, inner, into, card.before))
    box.setAttribute("role", "group")
    box.setAttribute("aria-label", `${card.title} ${spoken(card)}, ${what}`)
    item.append(box)
  })
  return item
}

/** The stack in which a card lies, by its place: 3.inside for 3.inside.0. */
function parentOf(card) {
  return card.place.split(".").slice(0, -1).join(".")
}

function mending(root, problem) {
  const mend = make("button", { type: "button", textContent: "Repair", title: problem.next, disabled: root.facts.locked })
  mend.dataset.control = "repair"
  mend.onclick = () => root.say({ op: "repair" })
  const box = make("div", { className: "problem" }, make("p", { textContent: `${problem.what}  ${problem.next}` }), mend)
  box.setAttribute("role", "alert")
  return box
}

/** What can be done with a card besides its settings. */
function acts(root, card) {
  const act = (text, label, edit, disabled = false) => {
    const made = make("button", { type: "button", textContent: text, title: label, disabled: root.facts.locked || disabled })
    made.setAttribute("aria-label", `${label}: ${card.title} ${spoken(card)}`)
    made.dataset.control = `${edit.op}${edit.kind ?? ""} ${card.number}`
    made.onclick = () => root.say({ ...edit, card: card.number })
    return made
  }
  const full = root.facts.full
  const made = [
    act("↑", "Move up (Alt+↑ on the card)", { op: "up" }),
    act("↓", "Move down (Alt+↓ on the card)", { op: "down" }),
    act("Duplicate", "Duplicate", { op: "copy" }, full),
    act(card.off ? "Switch on" : "Switch off", card.off ? "Switch on" : "Switch off, keep in the stack", { op: "off" }),
    ...root.facts.wrappers.map(([kind, title]) => act(`In ${title}`, `In ${title}: put the layer inside of one`, { op: "wrap", kind }, full)),
  ]
  if (card.slots.some((slot) => slot !== "inside")) made.push(act("+ branch", "+ branch: one more way beside the others", { op: "branch" }))
  if (card.slots.length) made.push(act("Ungroup", "Lay what is inside in its place", { op: "unwrap" }))
  made.push(act("Remove", "Remove (Delete on the card)", { op: "remove" }))
  return make("div", { className: "acts" }, ...made)
}
