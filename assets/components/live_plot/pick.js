const STILL_PX = 4 // a pointer that moves further is dragging

/**
 * Tell where the plane is clicked, on a plot that picks.  Plotly covers the page while a button is down, so the
 * click itself never reaches the plot.
 */
function picking(root) {
  root.addEventListener("pointerdown", (down) => {
    if (!root.picks || root.tool !== "look" || down.button !== 0) return
    const up = (event) => {
      const moved = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY)
      const place = placeAt(root, event)
      const { xaxis, yaxis } = root.plot._fullLayout
      const inside = [[place[0], xaxis], [place[1], yaxis]].every(([value, { range: [low, high] }]) => value >= low && value <= high)
      if (moved <= STILL_PX && inside) root.tell("pick", { place, at: performance.now() })
    }
    window.addEventListener("pointerup", up, { capture: true, once: true })
  }, true)
}
