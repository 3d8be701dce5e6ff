/**
 * What a component gives back to tidy up by.  Streamlit also calls it for an update that a newer one has
 * overtaken, although the component stays: that must leave everything as it is.
 * @param {Element | ShadowRoot} place where the component was put
 * @param {() => void} tidy
 */
function whenGone(place, tidy) {
  return () => {
    if (!place.isConnected) tidy()
  }
}
