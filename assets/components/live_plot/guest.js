/** Let the diagram put the map of a neuron in the place of a plot's own, where the plot takes one (strength > 0). */
function hosting(root) {
  const take = ({ detail }) => {
    if (!root.strength || (!detail && !root.guest)) return
    root.guest = detail
    root.named.textContent = detail ? detail.name : ""
    root.dataset.guest = root.named.textContent
    if (root.Plotly) drawMap(root)
  }
  document.addEventListener("glassbox-neuron", take)
  return () => document.removeEventListener("glassbox-neuron", take)
}

/** Draw a neuron's map into a box, as strongly coloured as the plot's own maps are. */
function drawGuest(context, { sheet, map, side }, strength, left, top, width, height) {
  context.imageSmoothingEnabled = true
  context.imageSmoothingQuality = "high"
  context.globalAlpha = strength
  context.drawImage(sheet, 0, map * side, side, side, left, top, width, height)
  context.globalAlpha = 1
}
