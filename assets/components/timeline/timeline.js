/** Milliseconds between two places reported while the slider is dragged: about as fast as pictures come. */
const REPORT_EVERY_MS = 80

function build(parentElement) {
  const root = document.createElement("div")
  root.className = "timeline"
  root.innerHTML =
    '<span class="then"></span><input type="range" min="0" step="1" aria-label="Look back"><button type="button">Back to now</button>'
  ;[root.then, root.slider, root.now] = root.children
  parentElement.appendChild(root)
  return root
}

/** Report the last of many places, and none too soon after the one before. */
function report(root, step) {
  root.wanted = step
  if (root.timer) return
  const send = () => {
    root.timer = 0
    if (root.wanted === root.sent) return
    root.sent = root.wanted
    root.setTriggerValue("at", root.wanted)
    root.timer = setTimeout(send, REPORT_EVERY_MS)
  }
  send()
}

/** A slider over the moments of a run, its right end being now. */
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".timeline") ?? build(parentElement)
  const { slider, now } = root
  const { steps, epochs, at, thin } = data
  root.setTriggerValue = setTriggerValue
  root.moments = { steps, epochs }
  const say = (place) => {
    const epoch = place < epochs.length ? `epoch ${thin[place]}` : "now"
    root.then.textContent = epoch
    slider.setAttribute("aria-valuetext", epoch)
    now.disabled = place >= epochs.length
  }
  // the slider is its user's while it is held: the run goes on, and with it the number of moments
  if (!root.held) {
    slider.max = String(steps.length)
    root.shown = steps
    let place = steps.length
    if (at !== null) place = steps.reduce((best, s, i) => (Math.abs(s - at) < Math.abs(steps[best] - at) ? i : best), 0)
    slider.value = String(place)
    root.sent = at ?? -1
    say(place)
  }
  slider.disabled = steps.length < 2
  const go = () => {
    const place = Number(slider.value)
    say(place)
    report(root, place < root.shown.length ? Number(root.shown[place]) : -1)
  }
  slider.oninput = go
  slider.onpointerdown = () => (root.held = true)
  slider.onpointerup = slider.onpointercancel = () => (root.held = false)
  slider.onkeydown = (event) => {
    if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") event.stopPropagation()
  }
  now.onclick = () => {
    root.held = false
    root.wanted = root.sent = null
    setTriggerValue("at", -1)
  }
  return () => {
    clearTimeout(root.timer)
    root.remove()
  }
}
