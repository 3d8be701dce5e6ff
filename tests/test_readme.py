import re
from pathlib import Path

from dlcore.data.shelf import ShelfSettings
from dlcore.engine.local import EngineSettings
from dlcore.folders import FolderSettings
from dlcore.limits import Limits
from dlcore.store import StoreSettings

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_example_in_the_readme_works_as_printed():
    from dlcore import activations as module

    code = next(
        block
        for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL)
        if "@activations.add" in block
    )
    kinds = module.activations.kinds()
    try:
        exec(compile(code, "README.md", "exec"), vars(module))
        made = module.activations["softsign"]()
        assert made.calls()[0].build()(__import__("torch").tensor(1.0)).item() == 0.5
    finally:
        module.activations._classes.pop("softsign", None)
    assert module.activations.kinds() == kinds
    assert len(code.splitlines()) <= 15


def test_the_readme_names_every_setting_with_its_default():
    for settings in (Limits, EngineSettings, ShelfSettings, FolderSettings, StoreSettings):
        for name, field in settings.model_fields.items():
            row = next(line for line in README.splitlines() if f"`GLASSBOX_{name.upper()}`" in line)
            if name not in ("workers", "data_dir", "database_url"):
                assert f"| {field.default:.12g} |" in row


def test_the_picture_of_the_readme_is_there():
    for address in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (Path(__file__).parents[1] / address).stat().st_size > 10_000
