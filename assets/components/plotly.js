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
