/** Plotly.js is fetched once for the page, whichever plot asks first. */
function plotly(address) {
  if (!window.glassboxPlotly) {
    window.glassboxPlotly = new Promise((resolve, reject) => {
      const script = document.createElement("script")
      script.src = new URL(address, document.baseURI).href
      script.onload = () => resolve(window.Plotly)
      script.onerror = () => reject(new Error("plotly.js could not be loaded"))
      document.head.appendChild(script)
    })
  }
  return window.glassboxPlotly
}

const CONFIG = { displayModeBar: false, scrollZoom: true, doubleClick: "reset", responsive: false }

/** Draw each figure with Plotly.react on the same node: zoom, hover and hidden curves stay. */
export default function ({ data, parentElement }) {
  const { facts } = readRecord(data)
  let root = parentElement.querySelector(".glassbox-plot")
  if (!root) {
    root = document.createElement("div")
    root.className = "glassbox-plot"
    root.innerHTML = '<div class="canvas" role="img"></div>'
    parentElement.appendChild(root)
    root.watcher = new ResizeObserver(() => {
      if (root.plotly && root.isConnected) root.plotly.Plots.resize(root.firstElementChild)
    })
    root.watcher.observe(root)
  }
  const canvas = root.firstElementChild
  root.classList.toggle("square", facts.height === 0)
  root.classList.toggle("greyed", facts.greyed)
  if (facts.height) root.style.height = `${facts.height}px`
  canvas.setAttribute("aria-label", facts.alt)
  root.latest = facts.figure
  plotly(facts.plotly).then((Plotly) => {
    if (!root.isConnected || root.latest !== facts.figure) return
    root.plotly = Plotly
    const figure = JSON.parse(facts.figure)
    Plotly.react(canvas, figure.data, { ...figure.layout, autosize: true }, CONFIG)
    root.dataset.updates = String(Number(root.dataset.updates ?? 0) + 1)
  })
  return () => {
    root.watcher.disconnect()
    if (root.plotly) root.plotly.purge(canvas)
    root.remove()
  }
}
