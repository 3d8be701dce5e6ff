/** What is known at a step of the walk: what is given, and what the steps until then have computed. */
function learn(root) {
  const { steps, quiz } = root.facts
  const given = (ref) => /^v:[xwby]/.test(ref)
  if (quiz) {
    const known = new Set(quiz.known)
    root.known = (ref) => (quiz.told >= 3 && ref === quiz.row.ref) || known.has(ref)
    root.open = (ref) => (ref === quiz.row.ref ? "?" : "")
    return
  }
  const until = root.step < 0 ? null : new Set(steps.slice(0, root.step + 1).flatMap(({ rows }) => rows.map(({ ref }) => ref)))
  root.known = (ref) => !until || given(ref) || until.has(ref) || (ref === "g:L" && until.has("v:L"))
  root.open = () => "·"
}

/** Go to a step of the walk; −1 leaves it and shows everything. */
function goTo(root, step) {
  root.step = Math.max(-1, Math.min(root.facts.steps.length - 1, step))
  show(root)
}

function button(label, hint, act) {
  const made = make("button", { type: "button", title: hint, onclick: act })
  made.append(label)
  return made
}

/** The way through the steps: phases to jump to, back and next. */
function buildWalk(root) {
  const first = (phase) => root.facts.steps.findIndex((step) => step.phase === phase)
  root.phases = ["Forward", "Loss", "Backward", "Update"].map((phase) => button(phase, `Go to the phase ${phase}`, () => goTo(root, first(phase))))
  root.back = button("◂ Back", "One step back (←)", () => goTo(root, root.step - 1))
  root.next = button("Next ▸", "One step on (→)", () => goTo(root, root.step + 1))
  root.all = button("Show all", "Leave the walk: every number at once (Esc)", () => goTo(root, -1))
  root.makeStep = button("Do the step", "Move every weight: one update of the run", () => root.say({ op: "step" }))
  root.where = make("span", { className: "where" })
  root.checked = make("span", { className: "checked" })
  root.walk.append(root.back, root.next, make("span", { className: "phases" }, ...root.phases), root.where, root.makeStep, root.all, root.checked)
  root.walk.setAttribute("role", "group")
  root.walk.setAttribute("aria-label", "The step to come, part by part")
  root.walk.onkeydown = (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (way) goTo(root, root.step + way)
    else if (event.key === "Escape") goTo(root, -1)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}

function showWalk(root) {
  const step = root.stepNow()
  root.walk.hidden = !!root.facts.quiz
  root.phases.forEach((each) => each.setAttribute("aria-current", each.textContent === step?.phase ? "step" : "false"))
  const last = root.facts.steps.length - 1
  root.where.textContent = step ? `step ${root.step + 1} of ${last + 1}` : "walk through it"
  // a disabled button would let the keyboard go
  root.back.setAttribute("aria-disabled", String(root.step < 0))
  root.next.setAttribute("aria-disabled", String(root.step === last))
  root.makeStep.hidden = step?.phase !== "Update" || !root.facts.may_step
  root.all.hidden = !step
}

/** Whether autograd and finite differences agree everywhere, and by how much at worst. */
function showChecks(root) {
  const { gradients, checks } = root.arrays
  let [n, agreeing, worst] = [0, 0, 0]
  gradients.values.forEach((gradient, k) => {
    const check = checks.values[k]
    if (!Number.isFinite(gradient) || root.facts.places[k] === "L") return
    n++
    if (!agree(gradient, check)) return
    agreeing++
    if (Math.abs(gradient) > 1e-6) worst = Math.max(worst, Math.abs(gradient - check) / Math.abs(gradient))
  })
  const said = root.step >= 0 ? "" : `${agreeing === n ? "✓" : "✗"} ${agreeing} of ${n} gradients agree with finite differences${worst ? `, to ${digits(worst, 1)} of their size` : ""}`
  if (root.checked.textContent !== said) root.checked.textContent = said
}

/** The equations below the drawing: of the step, of the number that is asked, or of the number that was chosen. */
function showEquations(root) {
  const { quiz, chosen, chosen_row: row, notes } = root.facts
  const step = root.stepNow()
  const rows = quiz ? [quiz.row] : step ? step.rows : row ? [row] : []
  const told = quiz ? quiz.told : 3
  const title = quiz ? quiz.title : step ? step.title : notes[chosen[0]]
  if (root.heading.textContent !== title) root.heading.textContent = title
  const html = rows.map((each) => equation(root, each, told)).join("")
  if (root.html !== html) root.equations.innerHTML = root.html = html
  // said when the step is another only: a run that plays would talk without end
  const about = JSON.stringify([quiz?.row.ref, quiz?.told, root.step, chosen])
  if (root.about !== about) {
    root.about = about
    root.said.textContent = `${title}. ${rows.map((each) => spokenEquation(root, each, told)).join(". ")}`
  }
  showEditor(root)
}

/** The field in which the chosen number is changed. */
function showEditor(root) {
  const { quiz, chosen, bounds, symbols } = root.facts
  root.editor.hidden = !!quiz || root.step >= 0
  if (root.editor.hidden) return
  const [label, field, hint] = root.editor.children
  const html = symbolHtml(symbols[chosen])
  if (label.innerHTML !== html) label.innerHTML = html
  field.setAttribute("aria-label", `Value of ${spokenSymbol(symbols[chosen])}`)
  const [low, high, step] = bounds[chosen[0]]
  Object.assign(field, { min: low, max: high, step })
  const waiting = performance.now() - (root.typed ?? -Infinity) < 1500
  if (root.getRootNode().activeElement !== field && !waiting) field.value = String(Number(numberAt(root, `v:${chosen}`).toPrecision(4)))
  const said = `${low} to ${high}`.replaceAll("-", "−")
  if (hint.textContent !== said) hint.textContent = said
}

function buildEditor(root) {
  const field = make("input", { type: "number", id: "chain-value" })
  const tell = () => {
    const value = field.valueAsNumber
    if (!Number.isFinite(value)) return
    root.typed = performance.now()
    root.say({ op: "put", place: root.facts.chosen, value: Math.max(Number(field.min), Math.min(Number(field.max), value)) })
  }
  field.onchange = tell
  field.onkeydown = (event) => event.stopPropagation()
  root.editor.append(make("label", { htmlFor: "chain-value" }), field, make("small", {}))
}

/** Show the moment: drawing, way, equations. */
function show(root) {
  learn(root)
  paintChain(root)
  showWalk(root)
  showChecks(root)
  showEquations(root)
}

function create(parentElement) {
  const root = make("div", { className: "chain", step: -1 })
  root.picture = make("div", { className: "picture", tabIndex: 0 })
  root.picture.setAttribute("role", "region")
  root.picture.setAttribute("aria-label", "The network with its numbers")
  root.walk = make("div", { className: "walk" })
  root.heading = make("p", { className: "step-title" })
  root.equations = make("div", { className: "equations" })
  root.equations.setAttribute("aria-hidden", "true")
  root.said = make("p", { className: "said" })
  root.said.setAttribute("aria-live", "polite")
  root.editor = make("div", { className: "editor" })
  root.append(root.picture, root.walk, make("div", { className: "below" }, root.editor, make("div", { className: "told" }, root.heading, root.equations)), root.said)
  root.stepNow = () => (root.facts.quiz || root.step < 0 ? null : root.facts.steps[root.step])
  root.lit = () => (root.facts.quiz ? [root.facts.quiz.row.ref.slice(2)] : root.stepNow()?.lit ?? [])
  root.choose = (place) => {
    if (root.facts.quiz) return
    root.step = -1
    root.say({ op: "choose", place })
  }
  parentElement.appendChild(root)
  queueing(root)
  return root
}

/** A small network opened: every number with its gradient, the chain rule below, walked through step by step. */
export default function ({ data, parentElement, setTriggerValue }) {
  const { facts, arrays } = readRecord(data)
  const root = parentElement.querySelector(".chain") ?? create(parentElement)
  root.send = setTriggerValue
  const built = root.built
  Object.assign(root, { facts, arrays })
  acknowledge(root, facts.taken)
  root.built = JSON.stringify([facts.columns, facts.inputs, facts.places])
  if (root.built !== built) {
    root.index = Object.fromEntries(facts.places.map((place, k) => [place, k]))
    root.step = -1
    build(root)
    if (!root.phases) {
      buildWalk(root)
      buildEditor(root)
    }
  }
  root.classList.toggle("greyed", facts.greyed)
  root.classList.toggle("walking", root.step >= 0)
  show(root)
  root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1)
  return whenGone(parentElement, () => root.remove())
}
