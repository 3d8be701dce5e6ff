/**
 * Make an element with properties and children.
 * @param {string} tag
 * @param {Object<string, any>} properties
 * @param {...(Node|string)} children
 */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}
