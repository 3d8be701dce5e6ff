/** Put the controls of the layers above them and the switches of the inputs beside them. */
function controls(root) {
  const { facts, places } = root
  const focused = root.getRootNode().activeElement?.dataset?.control
  root.querySelectorAll(".head, .input").forEach((element) => element.remove())
  const say = (edit) => root.say(edit)
  const button = (text, label, enabled, edit) => {
    const made = make("button", { type: "button", textContent: text, title: label, disabled: !enabled })
    made.setAttribute("aria-label", label)
    made.dataset.control = label
    made.onclick = () => say(edit)
    return made
  }
  const select = (label, options, value, edit) => {
    const made = make("select", { title: label })
    made.setAttribute("aria-label", label)
    made.dataset.control = label
    for (const [key, text] of options) made.append(new Option(text, key, false, String(key) === String(value)))
    if (value === "") made.prepend(Object.assign(new Option("all: mixed", "", true, true), { disabled: true }))
    made.onchange = () => say({ ...edit, value: made.value })
    return made
  }
  const units = (name, column) => {
    const made = make("input", { className: "units", type: "text", inputMode: "numeric", value: column.units })
    made.dataset.facts = `${column.title}: ${column.facts}`
    made.setAttribute("aria-label", `Neurons in ${name}`)
    made.dataset.control = `Neurons in ${name}`
    made.onfocus = () => made.select()
    made.onchange = () => {
      const value = Math.max(1, Math.min(facts.limits.units, Math.round(Number(made.value)) || column.units))
      made.value = value
      if (value !== column.units) say({ op: "units", layer: column.layer, value })
    }
    return made
  }
  const room = places.length > 1 ? places[1].x - places[0].x : 120
  const tight = room < 96 * root.type
  facts.columns.forEach((column, c) => {
    const head = make("div", { className: tight ? "head tight" : "head" })
    head.style.left = `${places[c].x}px`
    head.style.maxWidth = `${Math.max(56, room - 6)}px`
    head.setAttribute("role", "group")
    head.setAttribute("aria-label", `${column.title}: ${column.facts}`)
    if (column.kind === "dense") {
      const name = `layer ${c}`
      const count = make("div", { className: "count" })
      count.append(
        button("−", `Remove a neuron from ${name}`, column.units > 1, { op: "grow", layer: column.layer, value: -1 }),
        units(name, column),
        button("+", `Add a neuron to ${name}`, column.units < facts.limits.units, { op: "grow", layer: column.layer, value: 1 }),
      )
      const remove = button("×", `Remove ${name}`, true, { op: "remove", layer: column.layer })
      const drops = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
      if (!drops.includes(column.dropout)) drops.push(column.dropout)
      head.append(
        count,
        select(`Activation of ${name}`, facts.activations, column.activation, { op: "activation", layer: column.layer }),
        select(`Dropout after ${name}`, drops.map((p) => [p, tight ? `p ${p}` : p ? `drop ${p}` : "no drop"]), column.dropout, { op: "dropout", layer: column.layer }),
      )
      const freeze = button(column.frozen ? "frozen" : "freeze", `Freeze ${name}`, true, { op: "frozen", layer: column.layer, value: !column.frozen })
      freeze.setAttribute("aria-pressed", String(column.frozen))
      freeze.classList.add("add")
      if (tight) head.append(make("div", { className: "count" }, freeze, remove))
      else {
        count.append(remove)
        head.append(freeze)
      }
    } else {
      const name = make("div", { className: "name", textContent: column.title })
      name.dataset.facts = `${column.title}: ${column.facts}`
      head.append(name)
      if (column.kind === "output") {
        const add = button("+ layer", "Add a hidden layer before the output", facts.limits.more_layers, { op: "add" })
        add.classList.add("add")
        head.append(add)
        head.append(make("div", { className: "name", textContent: column.activation }))
      }
      if (column.kind === "input") {
        if (facts.same !== null) {
          const all = facts.activations.map(([kind, text]) => [kind, tight ? text : `all: ${text}`])
          head.append(select("Activation of all layers", all, facts.same, { op: "activations" }))
        }
        column.names.forEach((name, row) => {
          const on = column.slots.includes(row)
          const size = places[c].size
          const toggle = make("button", { type: "button", className: "input", title: column.hints[row] },
            make("span", { className: "label", textContent: name }))
          toggle.setAttribute("aria-pressed", String(on))
          toggle.setAttribute("aria-label", `Input ${name}`)
          toggle.dataset.control = `Input ${name}`
          toggle.style.left = `${places[c].x - size / 2 - LABEL * root.type}px`
          toggle.style.top = `${places[c].ys[row] - size / 2}px`
          toggle.style.width = `${LABEL * root.type + size}px`
          toggle.style.height = `${size}px`
          toggle.onclick = () => say({ op: "input", value: column.kinds[row] })
          root.append(toggle)
        })
      }
    }
    root.append(head)
  })
  if (facts.locked) root.querySelectorAll(".head :is(button, select, input), button.input").forEach((control) => (control.disabled = true))
  if (focused) [...root.querySelectorAll("[data-control]")].find((e) => e.dataset.control === focused)?.focus()
}
