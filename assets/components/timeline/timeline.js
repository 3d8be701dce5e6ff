/** Milliseconds between two places reported while the slider is dragged: about as fast as pictures come. */
const REPORT_EVERY_MS = 80
const LOST_AFTER_MS = 500

function build(parentElement) {
  const root = document.createElement("div")
  root.className = "timeline"
  root.innerHTML =
    '<span class="then"></span><input type="range" min="0" step="1" aria-label="Look back"><button type="button">Back to now</button>'
  ;[root.then, root.slider, root.now] = root.children
  Object.assign(root, { held: false, wanted: null, sent: null, sentAt: 0, timer: 0, shown: [] })
  parentElement.appendChild(root)
  return root
}

/** Report the last of many places, none too soon after the one before, and again if it got lost. */
function report(root) {
  if (root.timer || root.wanted === null) return
  root.sentAt = performance.now()
  root.setTriggerValue("at", root.wanted)
  root.timer = setTimeout(() => {
    root.timer = 0
    if (root.wanted !== root.sent) report(root)
  }, REPORT_EVERY_MS)
  root.sent = root.wanted
}

function want(root, step) {
  root.wanted = step
  report(root)
}

/** A slider over the moments of a run, its right end being now. */
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".timeline") ?? build(parentElement)
  const { slider, now } = root
  const { steps, epochs, at, thin } = data
  root.setTriggerValue = setTriggerValue
  const say = (place) => {
    const epoch = place < epochs.length ? `epoch ${thin[place]}` : "now"
    root.then.textContent = epoch
    slider.setAttribute("aria-valuetext", epoch)
    now.disabled = place >= epochs.length
  }
  if (root.wanted === (at ?? -1)) root.wanted = null
  else if (performance.now() - root.sentAt > LOST_AFTER_MS) report(root)
  // the slider is its user's while it is held: the run goes on, and with it the number of moments
  if (!root.held && root.wanted === null) {
    slider.max = String(steps.length)
    root.shown = steps
    let place = steps.length
    if (at !== null) place = steps.reduce((best, s, i) => (Math.abs(s - at) < Math.abs(steps[best] - at) ? i : best), 0)
    slider.value = String(place)
    say(place)
  }
  slider.disabled = steps.length < 2
  const go = () => {
    const place = Number(slider.value)
    say(place)
    want(root, place < root.shown.length ? root.shown[place] : -1)
  }
  slider.oninput = go
  slider.onpointerdown = () => (root.held = true)
  slider.onpointerup = slider.onpointercancel = () => (root.held = false)
  slider.onkeydown = (event) => {
    if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") event.stopPropagation()
  }
  now.onclick = () => {
    root.held = false
    want(root, -1)
  }
  return whenGone(parentElement, () => {
    clearTimeout(root.timer)
    root.remove()
  })
}
