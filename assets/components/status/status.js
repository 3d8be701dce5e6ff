const KEYS = { " ": "play", ArrowRight: "step", r: "reset", R: "reset" }
/** With Ctrl, or ⌘ on a Mac; capitals are with Shift. */
const CONTROL_KEYS = { z: "undo", Z: "redo", y: "redo" }
const TEXT = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]"
const TYPING = "input, canvas, textarea, select, button, a, [contenteditable], [role=slider], [role=radio], [role=combobox]"

/** Space plays, → steps, R resets, Ctrl+Z undoes, unless the key means something where it is pressed. */
function listen(event) {
  if (event.altKey) return
  const control = event.ctrlKey || event.metaKey
  const name = control ? CONTROL_KEYS[event.shiftKey ? event.key.toUpperCase() : event.key] : KEYS[event.key]
  const target = event.composedPath()[0]
  if (!name || target.closest?.(control ? TEXT : TYPING)) {
    if (name !== "reset" || !target.closest("button")) return
  }
  const button = document.querySelector(`.st-key-${name} button`)
  if (!button || button.disabled) return
  event.preventDefault()
  event.stopPropagation()
  button.click()
}

const PATIENCE_MS = 3000
const UNHEARD = 3
const RELOAD_EVERY_MS = 60_000

/** Ask for the next picture when it is due, and again when none has come. */
function beat(root, every, ask) {
  clearTimeout(root.timer)
  root.unheard = 0
  const act = () => {
    root.asked = performance.now()
    root.timer = setTimeout(act, Math.max(PATIENCE_MS, 2 * every))
    if (++root.unheard > UNHEARD) comeBack()
    ask()
  }
  root.act = act
  root.timer = setTimeout(act, Math.max(0, (root.asked ?? -every) + every - performance.now()))
}

/** A server that was started anew knows nothing of this tab: open it again, where the run goes on. */
async function comeBack() {
  const before = Number(sessionStorage.getItem("glassbox-reloaded") ?? -RELOAD_EVERY_MS)
  if (Date.now() - before < RELOAD_EVERY_MS || document.hidden) return
  const answer = await fetch(new URL("_stcore/health", document.baseURI)).catch(() => null)
  if (!answer?.ok) return
  sessionStorage.setItem("glassbox-reloaded", Date.now())
  location.reload()
}

const DARK = matchMedia("(prefers-color-scheme: dark)")
const TURNING_MS = 150

/** A browser that turns dark, or light, gets a picture in its colours once Streamlit has taken them on. */
function watchAppearance(root) {
  root.turned = () => {
    clearTimeout(root.timer)
    root.timer = setTimeout(() => root.act(), TURNING_MS)
  }
  DARK.addEventListener("change", root.turned)
}

/** The status strip: what the run is doing, in words and numbers, for people and for scripts. */
export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector("#run-status")
  if (!root) {
    root = document.createElement("div")
    root.id = "run-status"
    root.said = document.createElement("div")
    root.said.className = "said"
    root.said.setAttribute("role", "status")
    parentElement.append(root, root.said)
    document.addEventListener("keydown", listen, true)
    watchAppearance(root)
  }
  const before = root.dataset.state
  for (const [name, value] of Object.entries(data.marks)) {
    if (root.dataset[name] !== value) root.dataset[name] = value
  }
  while (root.children.length > data.items.length) root.lastChild.remove()
  data.items.forEach(({ what, value, width, hint }, i) => {
    let item = root.children[i]
    if (!item) {
      item = document.createElement("span")
      item.className = "item"
      item.innerHTML = '<span class="what"></span><span class="number"></span>'
      root.appendChild(item)
    }
    if (item.title !== hint) item.title = hint
    if (item.children[0].textContent !== what) item.children[0].textContent = what
    item.children[1].textContent = value
    item.children[1].style.minWidth = `${width}ch`
  })
  // said when the run comes to another state only: ten times a second would be noise
  if (before && before !== data.marks.state) root.said.textContent = data.items.map(({ what, value }) => `${what} ${value}`.trim()).join(", ")
  beat(root, data.every_ms, () => setTriggerValue("tick", performance.now()))
  return whenGone(parentElement, () => {
    clearTimeout(root.timer)
    document.removeEventListener("keydown", listen, true)
    DARK.removeEventListener("change", root.turned)
    root.said.remove()
    root.remove()
  })
}
