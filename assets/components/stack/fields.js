/**
 * The controls of one layer's settings, from its declaration.
 * @param {HTMLElement} root
 * @param {any} card
 */
function fields(root, card) {
  return make("div", { className: "fields" }, ...root.facts.forms[card.kind].map((field) => control(root, card, field)))
}

function control(root, card, field) {
  const value = card.values[field.name]
  const put = (to) => root.say({ op: "set", card: card.number, name: field.name, value: to })
  const input = maker[field.type](field, value, put)
  input.dataset.control = `${card.number} ${field.name}`
  input.disabled = root.facts.locked
  const label = make("label", { title: field.help ?? "" })
  if (field.type === "flag") {
    label.className = "flag"
    label.append(input, field.label)
  } else {
    const shown = field.type === "slider" ? make("output", { textContent: value }) : ""
    if (shown) input.oninput = () => (shown.textContent = input.value)
    label.append(make("span", {}, field.label, shown ? " " : "", shown), input)
  }
  return label
}

const maker = {
  flag: (field, value, put) => {
    const made = make("input", { type: "checkbox", checked: value })
    made.onchange = () => put(made.checked)
    return made
  },
  choice: (field, value, put) => {
    const made = make("select", {})
    for (const [key, text] of field.options) made.append(new Option(text, key, false, key === value))
    made.onchange = () => put(field.options[made.selectedIndex][0])
    return made
  },
  number: (field, value, put) => {
    const made = make("input", { type: "number", min: field.low, max: field.high, step: field.step, value })
    made.onchange = () => {
      // what lies outside is moved to the bound: nothing typed is lost, and nothing is refused
      const typed = Math.round(Number(made.value))
      const kept = made.value.trim() === "" || !Number.isFinite(typed) ? value : Math.max(field.low, Math.min(field.high, typed))
      made.value = kept
      if (kept !== value) put(kept)
    }
    return made
  },
  slider: (field, value, put) => {
    const made = make("input", { type: "range", min: field.low, max: field.high, step: field.step, value })
    made.onchange = () => put(Number(made.value))
    return made
  },
}
