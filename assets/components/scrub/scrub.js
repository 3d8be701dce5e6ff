/** Show every run's picture of the moment where the slider stands. */
function show(root) {
  const { stations, runs } = root.facts
  const place = Number(root.slider.value)
  root.slider.setAttribute("aria-valuetext", stations[place].label)
  root.said.textContent = stations[place].label
  runs.forEach((run, k) => {
    const moment = run.moments[stations[place].shown[k]]
    const [image, caption] = root.pictures.children[k].children
    if (image.src !== moment.picture) image.src = moment.picture
    image.alt = `${run.alt}, ${moment.label}`
    caption.lastChild.textContent = moment.label
  })
}

/** One slider over the moments of one run or of several, whose pictures follow it. */
export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".scrub")
  if (!root) {
    root = make("div", { className: "scrub" })
    root.slider = make("input", { type: "range", min: "0", step: "1" })
    root.said = make("output", {})
    root.pictures = make("div", { className: "pictures" })
    root.append(make("div", { className: "rail" }, root.slider, root.said), root.pictures)
    parentElement.append(root)
  }
  root.slider.setAttribute("aria-label", data.label)
  const drawn = JSON.stringify([data.stations, data.runs])
  if (root.drawn !== drawn) {
    root.drawn = drawn
    root.facts = data
    root.pictures.style.setProperty("--least", data.least)
    root.slider.max = String(data.stations.length - 1)
    root.slider.disabled = data.stations.length < 2
    root.slider.value = String(data.at)
    root.pictures.replaceChildren(
      ...data.runs.map((run) =>
        make("figure", {}, make("img", { className: run.sheet ? "sheet" : "" }),
          make("figcaption", {}, ...(run.name ? [make("b", { textContent: run.name })] : []), make("span", {})))),
    )
    show(root)
  }
  root.slider.oninput = () => show(root)
  root.slider.onchange = () => setTriggerValue("at", Number(root.slider.value))
  root.slider.onkeydown = (event) => {
    if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") event.stopPropagation()
  }
  return whenGone(parentElement, () => root.remove())
}
