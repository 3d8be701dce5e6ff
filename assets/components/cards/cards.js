const OWN_CHOICE_MS = 2000 // for so long what the page says may be older than what was chosen here
const AFTER_THE_CARDS_MS = 200

/** One run: its picture and what it is, which open it, and a box that chooses it. */
function card(facts) {
  const image = make("img", { src: facts.picture, alt: facts.alt })
  const lines = facts.lines.map(([kind, text]) => make("span", { className: kind, textContent: text }))
  const tags = make("span", { className: "tags" }, ...facts.tags.map((tag) => make("b", { textContent: tag })))
  const about = make("span", { className: "about" }, ...lines, ...(facts.tags.length ? [tags] : []))
  const open = make("button", { type: "button", className: "open" }, image, about)
  const box = make("input", { type: "checkbox" })
  box.setAttribute("aria-label", `Choose ${facts.lines[0][1]}`)
  const item = make("li", {}, open, make("label", { className: "choose", title: "Choose" }, box))
  item.dataset.run = facts.id
  return item
}

function mark(root) {
  for (const item of root.children) {
    const on = root.picked.has(item.dataset.run)
    item.classList.toggle("picked", on)
    item.querySelector("input").checked = on
  }
}

/** Saved runs as cards: a click opens one, their boxes choose several. */
export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".saved-cards")
  if (!root) {
    root = make("ul", { className: "saved-cards", picked: new Set(), chosenAt: -OWN_CHOICE_MS })
    parentElement.append(root)
  }
  root.setAttribute("aria-label", data.label)
  const drawn = JSON.stringify(data.cards)
  if (root.drawn !== drawn) {
    const kept = new Map([...root.children].map((item) => [item.facts, item]))
    root.replaceChildren(
      ...data.cards.map((facts) => {
        const key = JSON.stringify(facts)
        return Object.assign(kept.get(key) ?? card(facts), { facts: key })
      }),
    )
    root.drawn = drawn
  }
  const said = new Set(data.picked)
  const same = said.size === root.picked.size && data.picked.every((run) => root.picked.has(run))
  if (!same && performance.now() - root.chosenAt > OWN_CHOICE_MS) root.picked = said
  if (same) root.chosenAt = -OWN_CHOICE_MS
  mark(root)
  root.onchange = ({ target }) => {
    const { run } = target.closest("li").dataset
    if (target.checked) root.picked.add(run)
    else root.picked.delete(run)
    root.chosenAt = performance.now()
    mark(root)
    const shown = [...root.children].map((item) => item.dataset.run)
    setTriggerValue("picked", { on: shown.filter((each) => root.picked.has(each)), shown })
  }
  root.onclick = ({ target }) => {
    const button = target.closest(".open")
    if (button) setTriggerValue("opened", button.closest("li").dataset.run)
  }
  // what is compared next is drawn at once when the plots' script is there already
  requestAnimationFrame(() => setTimeout(() => plotly(data.plotly).catch(() => {}), AFTER_THE_CARDS_MS))
  return whenGone(parentElement, () => root.remove())
}
