"""Pages as Streamlit runs them, without a browser."""

import functools

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(scope="session", autouse=True)
def installed_packages_are_read_once():
    """Each ``AppTest`` looks through all that is installed for components: a quarter of what a page takes."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield
