/** Every element within one, shadow trees included. */
function every(root) {
  return [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? every(e.shadowRoot) : [])])
}

function parent(element) {
  return element.parentElement ?? element.getRootNode().host
}

const rgb = (colour) => colour.match(/[\d.]+/g).map(Number)

/** Relative luminance, WCAG 2.2. */
function luminance(colour) {
  const parts = rgb(colour).slice(0, 3).map((c) => c / 255)
  const [r, g, b] = parts.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** How well two colours can be told apart, 1 to 21. */
function contrast(one, other) {
  const [low, high] = [one, other].map(luminance).sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

/** Note what has the focus; tell whether it had it before, and how well that can be seen. */
function focused() {
  let element = document.activeElement
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  const again = Boolean(element.reached) && element !== document.body
  element.reached = true
  const name = `${element.tagName} ${(element.ariaLabel ?? element.innerText ?? "").slice(0, 40)}`
  // a slider's or a switch's own field is out of sight: what stands for it is marked
  const marked = [element, element.closest("[data-focus-visible]")].find(
    (e) => e && getComputedStyle(e).outlineStyle !== "none" && !e.parentElement?.style.clipPath,
  )
  if (!marked) return { again, name, px: 0, contrast: 1 }
  const { outlineWidth, outlineColor } = getComputedStyle(marked)
  let ground = parent(marked)
  while (ground && (rgb(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = parent(ground)
  const behind = getComputedStyle(ground ?? document.body).backgroundColor
  return { again, name, px: parseFloat(outlineWidth), contrast: contrast(outlineColor, behind) }
}

/** The visible controls within a place that never had the focus. */
function missed(within) {
  const controls = every(document.querySelector(within)).filter(
    (e) =>
      e.matches("button, input, select, textarea, a[href], summary, [tabindex='0']") &&
      !e.disabled &&
      !e.closest("[aria-hidden=true]") &&
      e.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
  )
  // a part of a composite is reached by arrow keys from the part that Tab reaches
  const composite = "[role=radiogroup], [role=group], [role=toolbar], .picker, [data-testid=stNumberInput]"
  const byArrows = (e) =>
    (e.tabIndex < 0 || e.role === "radio") &&
    [...(e.closest(composite)?.querySelectorAll("*") ?? [])].some((each) => each.reached)
  return controls.filter((e) => !e.reached && !byArrows(e)).map((e) => e.outerHTML.slice(0, 200))
}
