"""The example in the README works when pasted."""

import re
from pathlib import Path

from stator_process import StatorProcess

README = Path(__file__).resolve().parent.parent / "README.md"


def test_the_readme_example_runs(tmp_path, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    with StatorProcess(tmp_path / "data") as server:
        exec(example.replace("http://127.0.0.1:8000", server.url), {})
    assert "Sinnerman" in capsys.readouterr().out
