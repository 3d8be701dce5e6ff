/**
 * Have the plane show a neuron's map large for as long as the pointer or the cursor is on the neuron.  The two
 * components hear of each other through the document alone: the maps are here already, and asking the page
 * for them would cost a round trip.
 */
function enlarge(root, target) {
  const before = root.enlarged
  root.enlarged = target?.kind === "neuron" ? target : null
  const same = before && root.enlarged && before.column === target.column && before.row === target.row
  if (!same && (before || root.enlarged)) showEnlarged(root)
}

/** Tell the plane what to show; again with every picture, as the map may be another then. */
function showEnlarged(root) {
  const { facts, arrays, enlarged } = root
  const column = enlarged && facts.columns[enlarged.column]
  const known = column && enlarged.unit >= 0 && enlarged.unit < column.drawn && arrays["neurons.maps"]
  const map = known ? column.first + enlarged.unit : -1
  const detail = known
    ? { sheet: root.sheet, map, side: MAP, name: `${column.names[enlarged.row]}, within ±${number(arrays["neurons.scale"].values[map])}` }
    : null
  document.dispatchEvent(new CustomEvent("glassbox-neuron", { detail }))
}
