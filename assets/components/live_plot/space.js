const NO_SPACE = "This browser draws nothing in three dimensions (WebGL is off).  Show the plane in two, under View."

/** Whether the browser can draw in space; asked once for the page. */
function canDrawSpace() {
  window.glassboxSpace ??= !!document.createElement("canvas").getContext("webgl")
  return window.glassboxSpace
}

/** Whether a figure cannot be drawn now: in space without WebGL, which is then said, or while it is being turned. */
function keptBack(root, figure) {
  const space = !!figure.layout.scene
  const blind = space && !canDrawSpace()
  root.classList.toggle("blind", blind)
  root.words.textContent = blind ? NO_SPACE : ""
  return blind || (space && root.turning)
}

/** A picture that is being turned holds still: a new one would put the camera back to where it was. */
function watchTurning(root) {
  root.addEventListener("pointerdown", () => {
    root.turning = true
    const done = () => {
      root.turning = false
      for (const name of ["pointerup", "pointercancel"]) window.removeEventListener(name, done, true)
    }
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, done, true)
  }, true)
}

/** Leave the camera where it is.  Plotly remembers only what it had drawn by the time the pointer was let go. */
function keepCamera(root) {
  const scene = root.plot._fullLayout?.scene?._scene
  if (scene?.glplot && root.figure.layout.scene) {
    Object.assign(root.figure.layout.scene, { camera: scene.getCamera(), uirevision: performance.now() })
  }
}
