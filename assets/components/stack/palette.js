/**
 * What can be put into a place: the layers that fit its shape first, then those that would need something else.
 * @param {HTMLElement} root
 * @param {{into: string, before: number|null, fits: string}} place
 */
function palette(root, place) {
  const { facts } = root
  const search = make("input", { className: "search", type: "search", placeholder: "Search layers", value: root.searched ?? "" })
  search.setAttribute("aria-label", "Search layers")
  search.dataset.control = "search"
  const list = make("ul", {})
  const fill = () => list.replaceChildren(...options(root, place, search.value))
  search.oninput = () => {
    root.searched = search.value
    fill()
  }
  const close = make("button", { type: "button", textContent: "Close", onclick: () => shut(root) })
  close.dataset.control = "close palette"
  const box = make("div", { className: "palette" }, make("div", { className: "bar" }, search, close), list)
  box.setAttribute("role", "group")
  box.setAttribute("aria-label", "Layers to add")
  box.onkeydown = (event) => {
    event.stopPropagation()
    if (event.key === "Escape") shut(root)
    const buttons = [...list.querySelectorAll("button")]
    const at = buttons.indexOf(root.getRootNode().activeElement)
    if (event.key === "Enter" && event.target === search) {
      event.preventDefault() // or the button that gets the focus would be pressed by it
      buttons[0]?.click()
    }
    if (event.key === "ArrowDown") (buttons[at + 1] ?? buttons[0])?.focus()
    else if (event.key === "ArrowUp") (at > 0 ? buttons[at - 1] : search).focus()
    else return
    event.preventDefault()
  }
  fill()
  return box
}

function options(root, place, text) {
  const { facts } = root
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = facts.palette.filter((each) => {
    const told = `${each.title} ${each.kind} ${each.family} ${each.summary}`.toLowerCase()
    return words.every((word) => told.includes(word))
  })
  const fitting = facts.fits[place.fits]
  const entry = (each) => {
    const made = make("button", { type: "button" }, make("b", { textContent: each.title }), make("div", { className: "small", textContent: each.summary }))
    made.dataset.kind = each.kind
    made.dataset.control = `add ${each.kind}`
    made.onclick = () => {
      root.say({ op: "add", kind: each.kind, into: place.into, before: place.before })
      root.opening = true
      shut(root)
    }
    return make("li", {}, made)
  }
  const section = (title, each) => (each.length ? [make("li", { className: "what", textContent: title }), ...each.map(entry)] : [])
  if (!fitting) return section("What fits cannot be known before the error above is mended", found)
  const rest = found.filter((each) => !fitting.includes(each.kind))
  const here = families(found.filter((each) => fitting.includes(each.kind)), section)
  const all = [...here, ...section("Does not fit here as it comes", rest)]
  return all.length ? all : [make("li", { className: "what", textContent: "No layer is called that." })]
}

/** The layers under the names of their families, in the order of their declaration. */
function families(found, section) {
  const names = [...new Set(found.map((each) => each.family))]
  return names.flatMap((name) => section(name ? `Fits: ${name}` : "Fits here", found.filter((each) => each.family === name)))
}

function shut(root) {
  const from = root.adding
  root.adding = null
  root.searched = ""
  render(root)
  if (from) focusOn(root, `gap ${from.into} ${from.before}`)
}
