"""A component whose update was overtaken stays; one that has left the page tidies up."""

import pytest

from pages.parts.components import ASSETS

pytestmark = pytest.mark.browser
WHEN_GONE = (ASSETS / "components" / "gone.js").read_text()
TIDIED = f"""
(leaves) => {{
  {WHEN_GONE}
  const [host, place] = [document.createElement("div"), document.createElement("div")]
  document.body.appendChild(host)
  host.attachShadow({{ mode: "open" }}).appendChild(place)
  let tidied = 0
  const cleanUps = [place, host.shadowRoot].map((where) => whenGone(where, () => (tidied += 1)))
  if (leaves) host.remove()
  for (const cleanUp of cleanUps) cleanUp()
  return tidied
}}
"""


@pytest.mark.parametrize(("leaves", "tidied"), [(False, 0), (True, 2)])
def test_a_component_tidies_up_only_once_it_has_left_the_page(chromium, leaves, tidied):
    page = chromium.new_page()
    assert page.evaluate(TIDIED, leaves) == tidied
    page.close()


def test_every_component_tidies_up_by_it():
    for file in sorted((ASSETS / "components").glob("*/*.js")):
        text = file.read_text()
        if "export default function" in text:
            assert "return whenGone(parentElement, " in text, file.name
